//! Stretches of time of one length, which grows with the run.
//!
//! The length is the least of `first`, twice that, and so on, with which no more than `most` stretches cover all that was
//! seen. Stretches begin at multiples of it. So what a grid holds does not depend on the order in which it was given.

/// What can be put together.
pub trait Fold: Clone + Default {
    /// Adds what another one holds.
    fn fold(&mut self, other: Self);
}

/// Many series over stretches of one length.
#[derive(Clone, Debug)]
pub struct Grid<T> {
    width: i64,
    most: i64,
    /// The first and the last stretch that anything was put in.
    span: Option<(i64, i64)>,
    series: Vec<Series<T>>,
}

/// The stretches of one series, from the first that anything was put in.
#[derive(Clone, Debug, Default)]
struct Series<T> {
    first: i64,
    cells: Vec<T>,
}

impl<T: Fold> Grid<T> {
    /// No series yet; stretches of `first` nanoseconds to begin with, and `most` of them.
    pub fn new(first: i64, most: usize) -> Self {
        Self { width: first, most: most as i64, span: None, series: Vec::new() }
    }

    /// A new series, and its number.
    pub fn add(&mut self) -> usize {
        self.series.push(Series { first: 0, cells: Vec::new() });
        self.series.len() - 1
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.series.len()
    }

    /// How long a stretch is, in nanoseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// The stretch of a series that a time is in.
    pub fn at(&mut self, series: usize, time: i64) -> &mut T {
        let mut place = time.div_euclid(self.width);
        let (mut first, mut last) =
            self.span.map_or((place, place), |(first, last)| (first.min(place), last.max(place)));
        if self.span != Some((first, last)) {
            while last - first >= self.most {
                self.widen();
                (first, last, place) = (first.div_euclid(2), last.div_euclid(2), place.div_euclid(2));
            }
            self.span = Some((first, last));
        }
        self.series[series].at(place)
    }

    fn widen(&mut self) {
        self.width = self.width.saturating_mul(2);
        for series in &mut self.series {
            series.widen();
        }
    }

    /// Has no more than so many stretches from now on.
    pub fn limit(&mut self, most: usize) {
        self.most = self.most.min(most as i64);
        while let Some((first, last)) = self.span.filter(|(first, last)| last - first >= self.most) {
            self.widen();
            self.span = Some((first.div_euclid(2), last.div_euclid(2)));
        }
    }

    /// The same in stretches that are twice as long.
    #[must_use]
    pub fn wider(&self) -> Self {
        let mut wider = self.clone();
        wider.widen();
        wider.span = self.span.map(|(first, last)| (first.div_euclid(2), last.div_euclid(2)));
        wider
    }

    /// The series of each of these groups put together, in their order.
    #[must_use]
    pub fn together(&self, groups: &[Vec<usize>]) -> Self {
        let mut all = Self { series: Vec::new(), ..*self };
        for group in groups {
            let series = all.add();
            for &of in group {
                let Series { first, cells } = &self.series[of];
                (*first..)
                    .zip(cells)
                    .for_each(|(place, cell)| all.series[series].at(place).fold(cell.clone()));
            }
        }
        all
    }

    /// The stretches from the first in which a series has anything to the last; nothing where it has nothing.
    pub fn extent(&self, series: usize) -> Option<(i64, i64)> {
        let Series { first, cells } = &self.series[series];
        (!cells.is_empty()).then(|| (*first, first + cells.len() as i64 - 1))
    }

    /// The first stretch that anything was put in, and one past the last; nothing where there is none.
    pub fn span(&self) -> std::ops::Range<i64> {
        self.span.map_or(0..0, |(first, last)| first..last + 1)
    }

    /// What a series has in a stretch; what none of it is in is empty.
    pub fn get(&self, series: usize, place: i64) -> Option<&T> {
        let Series { first, cells } = &self.series[series];
        usize::try_from(place.checked_sub(*first)?).ok().and_then(|at| cells.get(at))
    }

    /// When a stretch begins, in nanoseconds.
    pub fn time(&self, place: i64) -> i64 {
        place.saturating_mul(self.width)
    }

    /// The stretch that a time is in.
    pub fn place(&self, time: i64) -> i64 {
        time.div_euclid(self.width)
    }
}

impl<T: Fold> Series<T> {
    fn at(&mut self, place: i64) -> &mut T {
        if self.cells.is_empty() {
            self.first = place;
        }
        if place < self.first {
            let more = usize::try_from(self.first - place).expect("the span is short");
            self.cells.splice(0..0, std::iter::repeat_n(T::default(), more));
            self.first = place;
        }
        let at = usize::try_from(place - self.first).expect("no place is before the first");
        if at >= self.cells.len() {
            self.cells.resize(at + 1, T::default());
        }
        &mut self.cells[at]
    }

    fn widen(&mut self) {
        if self.cells.is_empty() {
            return;
        }
        let first = self.first.div_euclid(2);
        let mut wider: Vec<T> = Vec::with_capacity(self.cells.len() / 2 + 1);
        for (cell, place) in std::mem::take(&mut self.cells).into_iter().zip(self.first..) {
            let at = usize::try_from(place.div_euclid(2) - first).expect("places grow");
            if at == wider.len() {
                wider.push(cell);
            } else {
                wider[at].fold(cell);
            }
        }
        *self = Self { first, cells: wider };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Fold for u32 {
        fn fold(&mut self, other: Self) {
            *self += other;
        }
    }

    #[test]
    fn the_order_makes_no_difference() {
        let times = [-7, 3, 900, 12, 12, 401, -250, 77, 5_000];
        let of = |times: &mut dyn Iterator<Item = i64>| {
            let mut grid = Grid::<u32>::new(10, 16);
            let series = [grid.add(), grid.add()];
            for time in times {
                *grid.at(series[usize::from(time % 2 == 0)], time) += 1;
            }
            let all =
                |series| grid.span().map(|at| grid.get(series, at).copied().unwrap_or(0)).collect::<Vec<_>>();
            (grid.width(), grid.span(), series.map(all))
        };
        let forth = of(&mut times.into_iter());
        assert_eq!(of(&mut times.into_iter().rev()), forth);
        assert_eq!((forth.0, forth.1.clone()), (640, -1..8));
        assert_eq!(forth.2.iter().flatten().sum::<u32>() as usize, times.len());
    }

    #[test]
    fn a_lower_limit_is_as_if_it_had_been_there() {
        let times = [3, 900, 12, 401, 77, 5_000];
        let of = |most: usize, later: Option<usize>| {
            let mut grid = Grid::<u32>::new(10, most);
            let series = grid.add();
            for time in times {
                *grid.at(series, time) += 1;
            }
            later.inspect(|&most| grid.limit(most));
            let counts: Vec<_> = grid.span().map(|at| grid.get(series, at).copied().unwrap_or(0)).collect();
            (grid.width(), grid.span(), counts)
        };
        assert_eq!(of(512, Some(16)), of(16, None));
        assert_eq!(of(16, Some(512)), of(16, None));
    }

    #[test]
    fn series_are_put_together_and_stretches_as_well() {
        let mut grid = Grid::<u32>::new(10, 100);
        let series = [grid.add(), grid.add(), grid.add()];
        for (at, time) in [(0, 5), (1, 25), (1, 31), (2, 7)] {
            *grid.at(series[at], time) += 1;
        }
        let all = grid.together(&[vec![0, 1], vec![2]]);
        let counts = |grid: &Grid<u32>, series| {
            grid.span().map(|at| grid.get(series, at).copied().unwrap_or(0)).collect::<Vec<_>>()
        };
        assert_eq!((counts(&all, 0), counts(&all, 1)), (vec![1, 0, 1, 1], vec![1, 0, 0, 0]));
        assert_eq!((all.extent(0), all.extent(1)), (Some((0, 3)), Some((0, 0))));
        assert_eq!((all.wider().width(), counts(&all.wider(), 0)), (20, vec![1, 2]));
    }

    #[test]
    fn a_stretch_holds_the_times_from_its_beginning_on() {
        let mut grid = Grid::<u32>::new(10, 100);
        let series = grid.add();
        for time in [0, 9, 10, 25] {
            *grid.at(series, time) += 1;
        }
        assert_eq!(
            [-1, 0, 1, 2, 3].map(|at| grid.get(series, at).copied()),
            [None, Some(2), Some(1), Some(1), None]
        );
        assert_eq!((grid.time(2), grid.place(29)), (20, 2));
    }
}
