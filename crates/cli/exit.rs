//! The codes that the process ends with.

use std::process::ExitCode;

use seriatim_report::Verdict;

/// How the process ends. A proved violation is never masked: of several, the first in the order invalid, error,
/// unknown, vacuous, valid counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything that was asked for was proved.
    Valid = 0,
    /// A violation was proved.
    Invalid = 1,
    /// The command line or an input is wrong.
    Error = 2,
    /// Something could not be decided within the limits.
    Unknown = 3,
    /// Nothing that says anything was checked.
    Vacuous = 4,
    /// A certificate does not prove what it claims.
    Refused = 5,
    /// Somebody interrupted (128 and the number of SIGINT).
    Interrupted = 130,
}

/// The exit codes, for the help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  valid: every history was proved linearizable
    1  invalid: at least one history is not linearizable, or what else --fail-on lists was found
    2  usage error, or an input that cannot be read
    3  unknown: a limit was met before an answer was found
    4  vacuous: nothing that says anything was checked, or less than --require asks for
  130  interrupted
Of several the first in the order 1, 2, 3, 4, 0 counts.";

/// The exit codes of `reduce`, for its help.
pub(crate) const REDUCE_CODES: &str = "\
Exit codes:
    0  a smaller history that is not linearizable was written
    2  usage error, or a file that cannot be read or written
    3  unknown: a limit was met before a violation was found
    4  nothing to reduce: no violation is there
  130  interrupted; the best so far is written, where a violation was found";

/// Which verdicts end the process with a code other than 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Violations, unknowns and vacuous histories end with 0; errors do not.
    pub(crate) exit_zero: bool,
    /// An unknown counts.
    pub(crate) unknown_fails: bool,
    /// A vacuous history counts.
    pub(crate) vacuous_fails: bool,
}

impl Policy {
    /// How the process ends after histories with these verdicts.
    pub(crate) fn exit(self, verdicts: impl Iterator<Item = Verdict>) -> Exit {
        let counted = verdicts.map(|verdict| match verdict {
            Verdict::Error => Verdict::Error,
            _ if self.exit_zero => Verdict::Valid,
            Verdict::Unknown if !self.unknown_fails => Verdict::Valid,
            Verdict::Vacuous if !self.vacuous_fails => Verdict::Valid,
            verdict => verdict,
        });
        match counted.max() {
            // Whoever checks no history at all has checked nothing.
            None if self.vacuous_fails && !self.exit_zero => Exit::Vacuous,
            None | Some(Verdict::Valid) => Exit::Valid,
            Some(Verdict::Invalid) => Exit::Invalid,
            Some(Verdict::Error) => Exit::Error,
            Some(Verdict::Unknown) => Exit::Unknown,
            Some(Verdict::Vacuous) => Exit::Vacuous,
        }
    }
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The end with a code; `None` where there is none.
    pub(crate) fn of_code(code: u8) -> Option<Self> {
        use Exit::{Error, Interrupted, Invalid, Refused, Unknown, Vacuous, Valid};
        [Valid, Invalid, Error, Unknown, Vacuous, Refused, Interrupted]
            .into_iter()
            .find(|exit| exit.code() == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Error, Invalid, Unknown, Vacuous, Valid};

    const STRICT: Policy = Policy { exit_zero: false, unknown_fails: true, vacuous_fails: true };

    #[test]
    fn the_first_in_the_order_of_precedence_counts() {
        for (verdicts, code) in [
            (&[Valid, Vacuous, Unknown, Error, Invalid][..], 1),
            (&[Error, Unknown, Vacuous, Valid], 2),
            (&[Valid, Unknown, Vacuous], 3),
            (&[Vacuous, Valid], 4),
            (&[Valid, Valid], 0),
            (&[], 4),
        ] {
            assert_eq!(STRICT.exit(verdicts.iter().copied()).code(), code, "{verdicts:?}");
        }
    }

    #[test]
    fn a_policy_forgives_what_it_names_and_nothing_else() {
        let exit = |policy: Policy, verdicts: &[Verdict]| policy.exit(verdicts.iter().copied()).code();
        let warn_unknown = Policy { unknown_fails: false, ..STRICT };
        assert_eq!(exit(warn_unknown, &[Unknown, Vacuous]), 4);
        assert_eq!(exit(warn_unknown, &[Unknown, Invalid]), 1);
        let warn_vacuous = Policy { vacuous_fails: false, ..STRICT };
        assert_eq!(exit(warn_vacuous, &[Vacuous]), 0);
        assert_eq!(exit(warn_vacuous, &[Unknown, Vacuous]), 3);
        let zero = Policy { exit_zero: true, ..STRICT };
        assert_eq!(exit(zero, &[Invalid, Unknown, Vacuous]), 0);
        assert_eq!(exit(zero, &[Invalid, Error]), 2);
    }

    #[test]
    fn the_help_names_every_code() {
        use Exit::{Interrupted, Invalid, Unknown, Vacuous, Valid};
        for exit in [Valid, Invalid, Exit::Error, Unknown, Vacuous, Interrupted] {
            assert!(EXIT_CODES.contains(&format!("\n{:>5}  ", exit.code())), "{exit:?}");
        }
    }
}
