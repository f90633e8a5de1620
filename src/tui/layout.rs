//! Which columns are shown, in which order, and by which of them rows are sorted: as the operator chose, as it is written
//! down, and as it fits into a width.

use super::columns::Column;
use super::theme::Theme;

/// All columns but the mark, which is always the first, each with whether it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(Vec<(Column, bool)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub by: Column,
    pub reversed: bool,
}

impl Default for Layout {
    fn default() -> Self {
        let columns = Column::ALL.into_iter().filter(|column| *column != Column::Mark);
        Self(columns.map(|column| (column, column != Column::Sub)).collect())
    }
}

impl Layout {
    /// The columns of these names, in this order; those that are always shown follow where they are left out.
    ///
    /// # Errors
    /// What is wrong with a name, and which there are.
    pub fn named<T: AsRef<str>>(names: &[T]) -> Result<Self, String> {
        let mut columns: Vec<(Column, bool)> = Vec::new();
        for name in names {
            let column = named(name.as_ref())?;
            if columns.iter().all(|(other, _)| *other != column) {
                columns.push((column, true));
            }
        }
        let rest = Self::default()
            .0
            .into_iter()
            .filter(|(column, _)| !columns.iter().any(|(chosen, _)| chosen == column));
        let rest: Vec<_> = rest
            .map(|(column, _)| (column, column.is_always_shown()))
            .collect();
        columns.extend(rest);
        Ok(Self(columns))
    }

    pub fn names(&self) -> Vec<String> {
        let shown = self.0.iter().filter(|(_, shown)| *shown);
        shown.map(|(column, _)| column.name().to_string()).collect()
    }

    pub fn all(&self) -> &[(Column, bool)] {
        &self.0
    }

    /// Those that are wanted, from left to right.
    pub fn shown(&self, all_tenants: bool) -> impl Iterator<Item = Column> {
        let wanted = self
            .0
            .iter()
            .filter(|(_, shown)| *shown)
            .map(|(column, _)| *column);
        std::iter::once(Column::Mark)
            .chain(wanted.filter(move |column| all_tenants || *column != Column::Tenant))
    }

    /// Shows or hides the column at this place; whether it may be hidden.
    pub fn toggle(&mut self, at: usize) -> bool {
        let Some((column, shown)) = self.0.get_mut(at) else {
            return false;
        };
        if !column.is_always_shown() {
            *shown = !*shown;
        }
        !column.is_always_shown()
    }

    /// Moves the column at this place; returns where it is then.
    pub fn shift(&mut self, at: usize, by: isize) -> usize {
        let to = at.saturating_add_signed(by);
        if at < self.0.len() && to < self.0.len() {
            self.0.swap(at, to);
            return to;
        }
        at
    }

    /// The column to sort by after this one, among those that are shown.
    pub fn next_to_sort(&self, by: Column, all_tenants: bool) -> Column {
        let mut after = self.shown(all_tenants).skip_while(|column| *column != by).skip(1);
        let first = || self.shown(all_tenants).find(|column| *column != Column::Mark);
        after.next().or_else(first).unwrap_or(Column::Age)
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            by: Column::Age,
            reversed: false,
        }
    }
}

impl Sort {
    /// Reads `age`, or `-age` for the reverse.
    ///
    /// # Errors
    /// What is wrong with the name, and which there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let bare = name.strip_prefix('-');
        Ok(Self {
            by: named(bare.unwrap_or(name))?,
            reversed: bare.is_some(),
        })
    }

    /// By this column; the other way round where it was asked for before.
    pub fn asked(self, by: Column) -> Self {
        Self {
            by,
            reversed: self.by == by && !self.reversed,
        }
    }

    pub fn name(self) -> String {
        format!("{}{}", if self.reversed { "-" } else { "" }, self.by.name())
    }
}

fn named(name: &str) -> Result<Column, String> {
    let mut all = Column::ALL.into_iter().filter(|column| *column != Column::Mark);
    all.clone().find(|column| column.name() == name).ok_or_else(|| {
        let names: Vec<&str> = all.by_ref().map(Column::name).collect();
        let name = super::words::show(name);
        format!("no column is called {name:?}; there are {}", names.join(", "))
    })
}

/// How the columns share a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    pub columns: Vec<(Column, u16)>,
    /// States are said in short words.
    pub narrow: bool,
}

/// Which columns fit into a width, and how wide each is. The five states and the user never go; when even they have no
/// room, states are said in shorter words.
pub fn fitted(layout: &Layout, width: u16, all_tenants: bool, has_jobs: bool, theme: &Theme) -> Fitted {
    let narrow = width < 75 + 6 * (theme.glyph_width() - 1) + if all_tenants { 10 } else { 0 };
    let mut columns: Vec<Column> = layout.shown(all_tenants).collect();
    // Without a column of its own, the job has a glyph beside the mark.
    let job_glyph = |columns: &[Column]| {
        if columns.contains(&Column::Job) {
            0
        } else {
            theme.glyph_width()
        }
    };
    // Enough to tell one user from another: whatever else has room comes after that.
    let user = if width < 75 { 11 } else { 14 };
    let least = |column: Column| match column {
        Column::User => user,
        _ => column.width(narrow, theme).0,
    };
    let needed = |columns: &[Column]| {
        let widths: u16 = columns.iter().map(|column| least(*column)).sum();
        widths + job_glyph(columns) + columns.len() as u16 - 1
    };
    while needed(&columns) > width {
        let Some(goes) = columns
            .iter()
            .copied()
            .max_by_key(|column| column.priority(has_jobs))
        else {
            break;
        };
        if goes.priority(has_jobs).is_none() {
            break;
        }
        columns.retain(|column| *column != goes);
    }
    let mut fitted: Vec<(Column, u16)> = columns.iter().map(|column| (*column, least(*column))).collect();
    // What never goes may not have all the room that it wants.
    let lacking = needed(&columns).saturating_sub(width);
    if let Some((_, user)) = fitted.iter_mut().find(|(column, _)| *column == Column::User) {
        *user = user
            .saturating_sub(lacking)
            .max(Column::User.width(narrow, theme).0);
    }
    fitted[0].1 += job_glyph(&columns);
    let mut spare = width.saturating_sub(needed(&columns));
    // The user's name is worth most, then what the job says, then the handle; the states breathe last.
    let first = [Column::User, Column::Job, Column::Handle, Column::Finding];
    let then = Column::ALL.into_iter().filter(|column| !first.contains(column));
    for column in first.into_iter().chain(then) {
        for (name, width) in &mut fitted {
            if *name == column && *name != Column::Mark {
                let more = spare.min(column.width(narrow, theme).1.saturating_sub(*width));
                *width += more;
                spare -= more;
            }
        }
    }
    Fitted {
        columns: fitted,
        narrow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Column as Status;
    use crate::tui::theme::ColourDepth;

    #[test]
    fn the_five_states_and_the_user_are_there_at_every_width() {
        for ascii in [false, true] {
            let theme = Theme {
                depth: ColourDepth::None,
                ascii,
                ..Theme::default()
            };
            let every: Vec<&str> = Column::ALL[1..].iter().map(|column| column.name()).collect();
            let layouts = [&every[..], &["sub", "pds"], &[]].map(|names| Layout::named(names).unwrap());
            for (layout, all_tenants) in layouts
                .iter()
                .flat_map(|layout| [(layout, false), (layout, true)])
            {
                for width in 60..220 {
                    let fitted = fitted(layout, width, all_tenants, width % 2 == 0, &theme);
                    let has = |column| fitted.columns.iter().any(|(name, _)| *name == column);
                    assert!(
                        Status::ALL.into_iter().all(|column| has(Column::Status(column))),
                        "{width}"
                    );
                    assert!(has(Column::User), "{width}");
                    let all: u16 = fitted.columns.iter().map(|(_, width)| width + 1).sum();
                    assert!(all <= width + 1, "{width}: {all}");
                }
            }
        }
    }

    #[test]
    fn a_usual_terminal_shows_whole_words_and_the_age() {
        let theme = Theme {
            depth: ColourDepth::None,
            ..Theme::default()
        };
        let fitted = fitted(&Layout::default(), 80, false, false, &theme);
        assert!(!fitted.narrow);
        assert_eq!(fitted.columns[1], (Column::Age, 4));
        assert_eq!(fitted.columns[2], (Column::User, 19));
    }

    #[test]
    fn whatever_is_chosen_the_states_stay_and_the_order_is_kept() {
        let layout = Layout::named(&["pds", "user", "sub", "pds"]).unwrap();
        let names = ["pds", "user", "sub", "auth0", "mongo", "code", "did"];
        assert_eq!(layout.names(), names);
        assert_eq!(
            Layout::named(&layout.names()).map(|same| same.names()),
            Ok(layout.names())
        );
        let why = Layout::named(&["pds", "colour"]).unwrap_err();
        assert!(
            why.starts_with("no column is called \"colour\"; there are age, tenant, user,"),
            "{why}"
        );
        let mut layout = Layout::default();
        assert!(layout.toggle(0) && !layout.toggle(2));
        assert_eq!(
            (layout.shift(0, -1), layout.shift(0, 1), layout.shift(11, 1)),
            (0, 1, 11)
        );
        assert_eq!(layout.names()[0], "tenant");
        for name in ["age", "-user"] {
            assert_eq!(Sort::named(name).map(Sort::name), Ok(name.to_string()));
        }
        assert!(Sort::named("mark").is_err());
    }

    #[test]
    fn sorting_goes_round_the_columns_that_are_shown() {
        let layout = Layout::named(&["user", "pds", "tenant"]).unwrap();
        let next = |by| layout.next_to_sort(by, false);
        assert_eq!(next(Column::User), Column::Status(Status::Pds));
        assert_eq!(next(Column::Status(Status::Did)), Column::User);
        // One that is hidden: from the beginning.
        assert_eq!(next(Column::Age), Column::User);
    }
}
