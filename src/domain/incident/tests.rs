//! Reports from a table of cases.
