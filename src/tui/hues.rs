//! The hues of each look, and nothing of what they are for: `theme` knows that.

use ratatui::style::Color;

use crate::config::screen::Look;

/// One hue on terminals of 16 million, 256 and 16 colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hue(pub u32, pub u8, pub Color);

/// Letters, states and badges for one kind of ground.
#[derive(Debug)]
pub struct Hues {
    pub ok: Hue,
    pub missing: Hue,
    pub drift: Hue,
    pub running: Hue,
    pub unknown: Hue,
    /// Waiting, and whatever stands back.
    pub dim: Hue,
    /// What lies behind the names of the tenants, and the name upon it.
    pub badges: [(Hue, Hue); 3],
    /// The letters under the cursor that have no hue of their own, and the bar below them.
    pub text: Hue,
    pub bar: Hue,
    /// Letters and ground, where the terminal's own are not trusted.
    pub ground: Option<(Hue, Hue)>,
}

const INK: Hue = Hue(0x10_1010, 16, Color::Black);
const PAPER: Hue = Hue(0xf5_f5f5, 255, Color::Reset);

static DARK: Hues = Hues {
    ok: Hue(0x5f_d787, 78, Color::Green),
    missing: Hue(0xff_6b6b, 203, Color::Red),
    drift: Hue(0xff_d75f, 221, Color::Yellow),
    running: Hue(0x5f_afff, 75, Color::Blue),
    unknown: Hue(0xc0_84ff, 141, Color::Magenta),
    dim: Hue(0xa0_a0a0, 247, Color::Reset),
    badges: [
        (Hue(0x00_afaf, 37, Color::Cyan), INK),
        (Hue(0xff_b3d9, 218, Color::White), INK),
        (PAPER, INK),
    ],
    text: PAPER,
    bar: Hue(0x33_3a48, 237, Color::Reset),
    ground: None,
};

static LIGHT: Hues = Hues {
    ok: Hue(0x00_6b34, 22, Color::Green),
    missing: Hue(0xb3_1d1d, 124, Color::Red),
    drift: Hue(0x80_5200, 94, Color::Yellow),
    running: Hue(0x0b_57d0, 26, Color::Blue),
    unknown: Hue(0x8a_22a6, 91, Color::Magenta),
    dim: Hue(0x5f_5f5f, 59, Color::Reset),
    badges: [
        (Hue(0x00_6d77, 23, Color::Cyan), Hue(0xff_ffff, 231, Color::Black)),
        (Hue(0xf4_b6d2, 218, Color::White), INK),
        (INK, PAPER),
    ],
    text: INK,
    bar: Hue(0xd9_e4f5, 189, Color::Reset),
    ground: None,
};

static HIGH_CONTRAST: Hues = Hues {
    ok: Hue(0x5f_ff87, 84, Color::LightGreen),
    missing: Hue(0xff_8787, 210, Color::LightRed),
    drift: Hue(0xff_ff00, 226, Color::LightYellow),
    running: Hue(0x87_d7ff, 117, Color::LightBlue),
    unknown: Hue(0xff_9fff, 213, Color::LightMagenta),
    dim: Hue(0xd0_d0d0, 252, Color::Gray),
    badges: [
        (
            Hue(0x00_ffff, 51, Color::LightCyan),
            Hue(0x00_0000, 16, Color::Black),
        ),
        (Hue(0xff_af5f, 215, Color::Cyan), Hue(0x00_0000, 16, Color::Black)),
        (
            Hue(0xff_ffff, 231, Color::White),
            Hue(0x00_0000, 16, Color::Black),
        ),
    ],
    text: Hue(0x00_0000, 16, Color::Black),
    bar: Hue(0xff_ffff, 231, Color::White),
    ground: Some((
        Hue(0xff_ffff, 231, Color::White),
        Hue(0x00_0000, 16, Color::Black),
    )),
};

/// The states after Okabe and Ito, who chose them so that people with any kind of colour vision tell them apart.
static COLOUR_BLIND: Hues = Hues {
    ok: Hue(0x00_9e73, 36, Color::Green),
    missing: Hue(0xd5_5e00, 202, Color::Red),
    drift: Hue(0xe6_9f00, 214, Color::Yellow),
    running: Hue(0x56_b4e9, 75, Color::Blue),
    unknown: Hue(0xcc_79a7, 175, Color::Magenta),
    dim: Hue(0x99_9999, 246, Color::Reset),
    badges: [
        (Hue(0x00_72b2, 25, Color::Cyan), PAPER),
        (Hue(0xf0_e442, 227, Color::White), INK),
        (PAPER, INK),
    ],
    text: PAPER,
    bar: Hue(0x28_2e3a, 236, Color::Reset),
    ground: None,
};

impl Hues {
    pub fn of(look: Look) -> &'static Self {
        match look {
            Look::Dark | Look::Sixteen | Look::NoColour => &DARK,
            Look::Light => &LIGHT,
            Look::HighContrast => &HIGH_CONTRAST,
            Look::ColourBlind => &COLOUR_BLIND,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKS: [(Look, &[u32]); 4] = [
        (Look::Dark, &[0x00_0000, 0x1e_1e1e]),
        (Look::Light, &[0xff_ffff, 0xfd_f6e3]),
        (Look::HighContrast, &[0x00_0000]),
        (Look::ColourBlind, &[0x00_0000, 0x1e_1e1e]),
    ];

    fn linear(rgb: u32) -> [f64; 3] {
        [16, 8, 0].map(|shift| {
            let part = f64::from(rgb >> shift & 0xff) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn luminance(rgb: u32) -> f64 {
        let [r, g, b] = linear(rgb);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// As WCAG 2 measures it, 1 to 21.
    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// What 256 colours make of a number from 16 on.
    fn indexed(n: u8) -> u32 {
        let level = |n: u32| if n == 0 { 0 } else { 55 + 40 * n };
        match u32::from(n) {
            n @ 232.. => (8 + 10 * (n - 232)) * 0x01_0101,
            n => {
                let n = n - 16;
                level(n / 36) << 16 | level(n / 6 % 6) << 8 | level(n % 6)
            }
        }
    }

    /// Hue as somebody sees it: with all cones, or without the red, the green or the blue ones (Machado, Oliveira and
    /// Fernandes 2009).
    const VISIONS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ];

    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let [r, g, b] = rgb.map(|part| part.clamp(0.0, 1.0));
        let f = |t: f64| {
            if t > 0.008856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// How far two hues are from each other for these eyes; 2.3 is just seen side by side.
    fn distance(a: u32, b: u32, vision: [[f64; 3]; 3]) -> f64 {
        let seen = |rgb: u32| {
            let cones = linear(rgb);
            lab(vision.map(|row| row.iter().zip(cones).map(|(m, c)| m * c).sum()))
        };
        let (a, b) = (seen(a), seen(b));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    fn states(hues: &Hues) -> [Hue; 6] {
        let Hues {
            ok,
            missing,
            drift,
            running,
            unknown,
            dim,
            ..
        } = *hues;
        [ok, missing, drift, running, unknown, dim]
    }

    fn both(hue: Hue) -> [u32; 2] {
        [hue.0, indexed(hue.1)]
    }

    #[test]
    fn every_state_can_be_read_on_its_ground_and_under_the_cursor() {
        for (look, grounds) in LOOKS {
            let hues = Hues::of(look);
            let (least, least_on_bar) = match look {
                Look::HighContrast => (7.0, 7.0),
                // These hues are as their authors chose them.
                Look::ColourBlind => (4.0, 3.0),
                _ => (4.5, 3.5),
            };
            for hue in states(hues) {
                for (n, seen) in both(hue).into_iter().enumerate() {
                    for ground in grounds {
                        let found = contrast(seen, *ground);
                        assert!(found >= least, "{look:?} {hue:x?} on {ground:06x}: {found:.1}");
                    }
                    // There everything has the bar's own letters.
                    if hues.ground.is_none() {
                        let found = contrast(seen, both(hues.bar)[n]);
                        assert!(found >= least_on_bar, "{look:?} {hue:x?} on the bar: {found:.1}");
                    }
                }
            }
            for (ground, letters) in hues.badges.into_iter().chain([(hues.bar, hues.text)]) {
                for n in 0..2 {
                    let found = contrast(both(ground)[n], both(letters)[n]);
                    assert!(found >= 4.5, "{look:?} {ground:x?}: {found:.1}");
                }
            }
        }
    }

    #[test]
    fn no_two_states_look_alike_and_no_badge_like_a_state() {
        for (look, _) in LOOKS {
            let hues = Hues::of(look);
            let states = states(hues);
            for depth in 0..2 {
                for (n, a) in states.iter().enumerate() {
                    for b in &states[n + 1..] {
                        let found = distance(both(*a)[depth], both(*b)[depth], VISIONS[0]);
                        assert!(found >= 18.0, "{look:?} {a:x?} {b:x?}: {found:.1}");
                    }
                    // The third is the badge of all tenants together, which has no hue.
                    for (badge, _) in &hues.badges[..2] {
                        let found = distance(both(*a)[depth], both(*badge)[depth], VISIONS[0]);
                        assert!(
                            found >= 18.0,
                            "{look:?} {a:x?} and a badge {badge:x?}: {found:.1}"
                        );
                    }
                }
            }
        }
    }

    /// The promise of the look that is made for it, also on 256 colours.
    #[test]
    fn whoever_sees_other_hues_tells_the_states_apart() {
        let states = states(Hues::of(Look::ColourBlind));
        for vision in VISIONS {
            for depth in 0..2 {
                for (n, a) in states.iter().enumerate() {
                    for b in &states[n + 1..] {
                        let found = distance(both(*a)[depth], both(*b)[depth], vision);
                        assert!(found >= 6.0, "{a:x?} {b:x?}: {found:.1}");
                    }
                }
            }
        }
    }
}
