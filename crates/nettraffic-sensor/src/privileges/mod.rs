//! What the process may do, and how it gives that up.
