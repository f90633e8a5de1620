//! What an operator does, key by key.
use super::{App, press};

#[test]
fn print_all() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = App::of_demo(w, h);
        println!("{}\n========", app.screen());
        press(&mut app, "<enter>");
        println!("{}\n========", app.screen());
        press(&mut app, "<esc>/pds:missing<enter>aF");
        println!("{}\n========", app.screen());
        press(&mut app, "y");
        println!("{}\n========", app.screen());
        press(&mut app, "?");
        println!("{}\n========", app.screen());
    }
}
