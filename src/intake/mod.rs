//! Unattended work: what is to be done when nobody looks, turned into looks, jobs and alerts.

pub mod watch;
