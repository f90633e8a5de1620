//! What auditing 40 signups costs: as one page, and user by user with a login each, as the old scripts asked. Both in one
//! run against the sandbox, since only their ratio means anything on a shared machine. `cargo bench`.

use std::time::{Duration, Instant};

use atriage::audit::report::{Part, Scope, audit};
use atriage::sandbox::Sandbox;
use atriage::services::observe::Backends;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let sandbox = Sandbox::quiet(Duration::from_secs(10)).await?;
        let backends = Backends::open(sandbox.config())
            .await
            .map_err(anyhow::Error::new)?;
        let scope = Scope {
            limit: Some(40),
            ..Scope::default()
        };
        let mut subs = Vec::new();
        let told = |part: Part<'_>| {
            if let Part::Signups { rows, .. } = part {
                subs.extend(rows.iter().map(|(signup, _)| signup.sub.clone()));
            }
        };
        audit(&backends, "aesthetic", scope.clone(), told)
            .await
            .map_err(anyhow::Error::new)?;

        let mut pages = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            audit(&backends, "aesthetic", scope.clone(), |_| {})
                .await
                .map_err(anyhow::Error::new)?;
            pages.push(started.elapsed());
        }
        pages.sort();
        let page = pages[pages.len() / 2];

        let started = Instant::now();
        for sub in &subs {
            let (mut signup, _) = backends
                .observe("aesthetic", sub)
                .await
                .map_err(anyhow::Error::new)?;
            backends.password(&mut signup).await.map_err(anyhow::Error::new)?;
        }
        let each = started.elapsed();
        println!("one page            {page:>10.1?}  (median of {})", pages.len());
        println!("user by user, deep  {each:>10.1?}");
        println!(
            "ratio               {:>10.0}",
            each.as_secs_f64() / page.as_secs_f64()
        );
        Ok(())
    })
}
