//! The file of a recording: opened so that each write is added to its end, with one head.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Opens a file to append to. It is emptied before if `anew`. A head is written where nothing stands yet.
pub(crate) fn open(path: &Path, anew: bool, head: &str) -> io::Result<File> {
    opened(path, anew, head)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn opened(path: &Path, anew: bool, head: &str) -> io::Result<File> {
    if anew {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        file.write_all(head.as_bytes())?;
        return OpenOptions::new().append(true).open(path);
    }
    if begin(path, head)? {
        return OpenOptions::new().append(true).open(path);
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let about = file.metadata()?;
    if about.len() == 0 {
        file.write_all(head.as_bytes())?;
    } else if about.is_file() {
        // A recorder that was killed may have left half a line. What follows must not be taken for the rest of it.
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

/// Makes a file that has its head from the first moment on, for others may be about to do the same. Whether there was
/// none.
fn begin(path: &Path, head: &str) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let aside = aside(path);
    fs::write(&aside, head)?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    // Where links are not to be had, the file is opened as any other.
    Ok(linked.is_ok())
}

fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{}.head", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}
