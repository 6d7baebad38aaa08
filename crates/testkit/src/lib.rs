//! For tests and benches only: an oracle by definition, simulated histories of every model with crashes and lies, busy
//! traffic of any size, shapes that are hard to search, one anomaly of a kind that is known in a history that has no other,
//! all of it as text, and the walk over `histories/`. It never imports the checker, which it judges.

pub mod corpus;
pub mod oracle;
pub mod plan;
pub mod planted;
pub mod rng;
pub mod script;
pub mod shape;
pub mod simulate;
pub mod text;
pub mod traffic;
pub mod unsplit;
pub mod vocabulary;

pub use corpus::{Case, Expectation};
pub use plan::Plan;
pub use planted::Planted;
pub use rng::Rng;
pub use script::{Datum, Line, Script};
pub use shape::Shape;
pub use simulate::simulate;
pub use traffic::{Lie, Plant, Traffic};
pub use unsplit::unsplit;
