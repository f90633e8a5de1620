//! `atriage`
