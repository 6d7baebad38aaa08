//! Which column means what.

use super::row::Row;
use crate::diagnostic::Diagnostic;
use crate::format::header::nearest;
use crate::span::Span;

/// What a column can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Process,
    Function,
    Key,
    Value,
    Output,
    Result,
    Call,
    Return,
    Type,
    Error,
    Node,
}

/// A role: its name in mappings, the columns that are taken for it by themselves, and whether a table needs it.
struct RoleRow {
    role: Role,
    name: &'static str,
    columns: &'static [&'static str],
    is_required: bool,
}

macro_rules! roles {
    ($($role:ident $name:literal $columns:expr, $is_required:literal;)*) => {
        const ROLES: &[RoleRow] = &[$(RoleRow {
            role: Role::$role, name: $name, columns: &$columns, is_required: $is_required,
        }),*];
    };
}

roles! {
    Process  "process" ["process", "client_id"], true;
    Function "f"       ["f", "op"],              true;
    Key      "key"     ["key"],                  false;
    Value    "value"   ["value"],                false;
    Output   "output"  ["output"],               false;
    Result   "result"  ["result"],               false;
    Call     "call"    ["call", "call_ns"],      true;
    Return   "return"  ["return", "return_ns"],  true;
    Type     "type"    ["type"],                 false;
    Error    "error"   ["error"],                false;
    Node     "node"    ["node"],                 false;
}

impl Role {
    /// What mappings call it.
    pub(super) fn name(self) -> &'static str {
        ROLES.iter().find(|row| row.role == self).map_or("", |row| row.name)
    }
}

/// Which columns of a table mean what: `process=client_id,f=op`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ColumnMap {
    /// Pairs of our name and the table's.
    pub columns: Vec<(String, String)>,
}

impl ColumnMap {
    /// Reads pairs `ours=theirs`, separated by commas. Ours are `process`, `f`, `key`, `value`, `output`, `result`,
    /// `call`, `return`, `type`, `error` and `node`.
    ///
    /// # Errors
    /// What is no such pair, a name that is not ours, a name that is mapped twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut columns: Vec<(String, String)> = Vec::new();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let names = pair.split_once('=').map(|(ours, theirs)| (ours.trim(), theirs.trim()));
            let Some((ours, theirs)) = names.filter(|(ours, theirs)| !ours.is_empty() && !theirs.is_empty())
            else {
                return Err(format!("`{pair}` is not of the form `process=client_id`"));
            };
            let known: Vec<&str> = ROLES.iter().map(|row| row.name).collect();
            if !known.contains(&ours) {
                let hint =
                    nearest(ours, &known).map_or(String::new(), |near| format!("did you mean `{near}`? "));
                return Err(format!(
                    "`{ours}` is nothing that a column can mean; {hint}there are {}",
                    list(&known)
                ));
            }
            if columns.iter().any(|(earlier, _)| earlier == ours) {
                return Err(format!("`{ours}` is mapped twice"));
            }
            columns.push((ours.to_owned(), theirs.to_owned()));
        }
        Ok(Self { columns })
    }
}

/// Where the columns of a table stand.
pub(super) struct Columns {
    places: Vec<(Role, usize)>,
}

impl Columns {
    /// Finds the columns that `map` names, and the usual ones for what it does not name.
    pub(super) fn find(header: &Row<'_>, map: &ColumnMap) -> Result<Self, Vec<Diagnostic>> {
        let names: Vec<&str> = header.cells.iter().map(str::trim).collect();
        let place = |name: &str| names.iter().position(|column| column.eq_ignore_ascii_case(name));
        let mapped = |role: &RoleRow| map.columns.iter().find(|(ours, _)| ours == role.name);
        let taken: Vec<usize> = map.columns.iter().filter_map(|(_, theirs)| place(theirs)).collect();
        let (mut places, mut errors) = (Vec::new(), Vec::new());
        for (at, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..at].iter().any(|earlier| earlier.eq_ignore_ascii_case(name)) {
                let message = format!("the column `{name}` occurs twice");
                errors.push(
                    Diagnostic::error(header.span_of(at), message).help("give each column a name of its own"),
                );
            }
        }
        for row in ROLES {
            if let Some((_, theirs)) = mapped(row) {
                match place(theirs) {
                    Some(at) => places.push((row.role, at)),
                    None => {
                        errors.push(missing(header.span, format!("there is no column `{theirs}`"), &names))
                    }
                }
                continue;
            }
            let found: Vec<usize> =
                row.columns.iter().filter_map(|name| place(name)).filter(|at| !taken.contains(at)).collect();
            match found[..] {
                [at] => places.push((row.role, at)),
                [first, second, ..] => {
                    let message = format!(
                        "both `{}` and `{}` could be the column for `{}`",
                        names[first], names[second], row.name
                    );
                    let help = format!("say which with `--map {}={}`", row.name, names[first]);
                    errors.push(Diagnostic::error(header.span_of(second), message).help(help));
                }
                [] if row.is_required => {
                    errors.push(missing(
                        header.span,
                        format!("there is no column for `{}`", row.name),
                        &names,
                    ));
                }
                [] => {}
            }
        }
        if errors.is_empty() { Ok(Self { places }) } else { Err(errors) }
    }

    /// Where the column stands that means `role`.
    pub(super) fn of(&self, role: Role) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == role).map(|&(_, at)| at)
    }
}

/// Whether a table whose first row has these cells tells operations.
pub(super) fn is_header(names: &[&str]) -> bool {
    ROLES.iter().filter(|row| row.is_required).all(|row| {
        names.iter().any(|name| row.columns.iter().any(|column| column.eq_ignore_ascii_case(name.trim())))
    })
}

fn missing(span: Span, message: String, names: &[&str]) -> Diagnostic {
    let help = format!(
        "the columns are {}; map them with `--map process=…,f=…,call=…,return=…,value=…,output=…`",
        list(names)
    );
    Diagnostic::error(span, message).help(help)
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
