//! The detail on the whole screen.

use super::{App, demo, press};

#[test]
fn look() {
    for (w, h) in [(80, 24), (120, 40), (200, 60)] {
        for down in ["", "jjjj", "jjjjj", "jjjjjjjj", "jjj"] {
            let mut app = App::of_demo(w, h);
            press(&mut app, down);
            press(&mut app, "<enter><enter>");
            println!("{}", app.screen());
            press(&mut app, "<pgdn><pgdn><pgdn>");
            if h == 24 {
                println!("{}", app.screen());
            }
        }
    }
    let mut app = App::of_demo(80, 24);
    press(&mut app, "d");
    println!("{}", app.screen());
    let _ = demo::now();
}
