//! printf conversions, for the shell's `printf` and awk's.

/// A conversion: `%-08.3f`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spec {
    /// `-`.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// A blank.
    pub space: bool,
    /// `0`.
    pub zero: bool,
    /// `#`.
    pub alternate: bool,
    /// Characters at least.
    pub width: usize,
    /// After the point.
    pub precision: Option<usize>,
    /// The letter.
    pub conversion: char,
}

/// Wider fields than this are cut.
const WIDTH_MAX: usize = 10_000;

impl Spec {
    /// Reads a conversion after its `%`; `star` gives the values of `*`. None if none is complete.
    pub fn parse(chars: &[char], at: &mut usize, star: &mut dyn FnMut() -> i64) -> Option<Self> {
        let mut spec = Self::default();
        loop {
            match chars.get(*at)? {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                '#' => spec.alternate = true,
                '\'' => {}
                _ => break,
            }
            *at += 1;
        }
        let width = number(chars, at, star);
        if width.is_some_and(|width| width < 0) {
            spec.left = true;
        }
        spec.width = (width.unwrap_or(0).unsigned_abs() as usize).min(WIDTH_MAX);
        if chars.get(*at) == Some(&'.') {
            *at += 1;
            let precision = number(chars, at, star).unwrap_or(0);
            spec.precision = usize::try_from(precision).ok().map(|digits| digits.min(WIDTH_MAX));
        }
        while matches!(chars.get(*at), Some('l' | 'h' | 'j' | 'z' | 't' | 'L')) {
            *at += 1;
        }
        spec.conversion = *chars.get(*at)?;
        *at += 1;
        Some(spec)
    }

    /// `%s`.
    pub fn string(&self, text: &str) -> String {
        let shown: String = match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.into(),
        };
        self.pad(shown, false)
    }

    /// `%d` and `%i`.
    pub fn signed(&self, value: i64) -> String {
        let digits = self.digits(value.unsigned_abs().to_string());
        self.pad(format!("{}{digits}", self.sign(value < 0)), true)
    }

    /// `%u`, `%x`, `%X`, `%o`.
    pub fn unsigned(&self, value: u64) -> String {
        let (text, mark) = match self.conversion {
            'x' => (format!("{value:x}"), "0x"),
            'X' => (format!("{value:X}"), "0X"),
            'o' => (format!("{value:o}"), "0"),
            _ => (value.to_string(), ""),
        };
        let mark = if self.alternate && value != 0 { mark } else { "" };
        self.pad(format!("{mark}{}", self.digits(text)), true)
    }

    fn digits(&self, text: String) -> String {
        let least = self.precision.unwrap_or(0);
        format!("{}{text}", "0".repeat(least.saturating_sub(text.len())))
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    /// `%f`, `%e`, `%g` and their capitals.
    pub fn float(&self, value: f64) -> String {
        let sign = self.sign(value.is_sign_negative() && !value.is_nan());
        let size = value.abs();
        if !size.is_finite() {
            let text = if size.is_nan() { "nan" } else { "inf" };
            return self.pad(format!("{sign}{text}"), false);
        }
        let precision = self.precision.unwrap_or(6);
        let text = match self.conversion.to_ascii_lowercase() {
            'e' => exponent(size, precision),
            'g' => shortest(size, precision, self.alternate),
            _ => format!("{size:.precision$}"),
        };
        let text = if self.conversion.is_ascii_uppercase() { text.to_uppercase() } else { text };
        self.pad(format!("{sign}{text}"), true)
    }

    fn pad(&self, text: String, number: bool) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        if missing == 0 {
            return text;
        }
        let integer = matches!(self.conversion, 'd' | 'i' | 'u' | 'x' | 'X' | 'o');
        if self.left {
            format!("{text}{}", " ".repeat(missing))
        } else if self.zero && number && !(integer && self.precision.is_some()) {
            let signed = usize::from(text.starts_with(['-', '+', ' ']));
            let (sign, digits) = text.split_at(signed);
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            format!("{}{text}", " ".repeat(missing))
        }
    }
}

fn number(chars: &[char], at: &mut usize, star: &mut dyn FnMut() -> i64) -> Option<i64> {
    if chars.get(*at) == Some(&'*') {
        *at += 1;
        return Some(star());
    }
    let mut value = None;
    while let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(10)) {
        value = Some(value.unwrap_or(0_i64).saturating_mul(10).saturating_add(i64::from(digit)));
        *at += 1;
    }
    value
}

/// C's `%e`: at least two digits of exponent, with a sign.
fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// C's `%g`.
fn shortest(value: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{value:.*e}", precision - 1);
    let power: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let text = if power < -4 || power >= precision as i32 {
        exponent(value, precision - 1)
    } else {
        format!("{value:.*}", (precision as i32 - 1 - power).max(0) as usize)
    };
    if keep_zeros || !text.contains('.') {
        return text;
    }
    let (mantissa, tail) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    format!("{}{tail}", mantissa.trim_end_matches('0').trim_end_matches('.'))
}
