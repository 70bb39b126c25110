//! Tokens of an awk program.

use ecow::EcoString;

/// Why a program cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    String(EcoString),
    Regex(EcoString),
    Name(EcoString),
    /// A name directly before a parenthesis.
    Function(EcoString),
    Keyword(&'static str),
    Builtin(EcoString),
    Operator(&'static str),
    Newline,
    End,
}

const KEYWORDS: [&str; 19] = [
    "BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue",
    "next", "nextfile", "exit", "return", "delete", "in", "getline", "print",
];

const BUILTINS: [&str; 26] = [
    "length", "substr", "index", "split", "sub", "gsub", "gensub", "match", "sprintf", "sin",
    "cos", "atan2", "exp", "log", "sqrt", "int", "rand", "srand", "tolower", "toupper", "system",
    "close", "fflush", "systime", "strftime", "toascii",
];

const OPERATORS: [&str; 44] = [
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=",
    ">>", "**", "|&", "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^",
    "!", "<", ">", "|", "?", ":", "~", "$", "=", "\\", "@",
];

/// Splits a program into tokens with their lines and columns.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize, usize)>, SyntaxError> {
    let chars: Vec<char> = text.chars().collect();
    let mut lexer = Lexer { chars, at: 0, line: 1, line_start: 0, tokens: Vec::new() };
    lexer.run()?;
    Ok(lexer.tokens)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    line_start: usize,
    tokens: Vec<(Token, usize, usize)>,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn push(&mut self, token: Token, start: usize) {
        self.tokens.push((token, self.line, start - self.line_start));
    }

    fn error(&self, message: &str) -> SyntaxError {
        SyntaxError {
            message: message.into(),
            line: self.line,
            column: self.at.saturating_sub(self.line_start),
        }
    }

    fn run(&mut self) -> Result<(), SyntaxError> {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '\n' => {
                    self.at += 1;
                    self.push(Token::Newline, start);
                    self.line += 1;
                    self.line_start = self.at;
                }
                '\\' if self.chars.get(self.at + 1) == Some(&'\n') => {
                    self.at += 2;
                    self.line += 1;
                    self.line_start = self.at;
                }
                c if c.is_whitespace() => self.at += 1,
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                '"' => self.string()?,
                '/' if self.regex_allowed() => self.regex()?,
                c if c.is_ascii_digit() => self.number(),
                '.' if self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                    self.number();
                }
                c if c == '_' || c.is_ascii_alphabetic() => self.word(),
                _ => self.operator()?,
            }
        }
        let end = self.at;
        self.push(Token::End, end.max(self.line_start));
        Ok(())
    }

    /// A slash after an operand divides.
    fn regex_allowed(&self) -> bool {
        !matches!(
            self.tokens.last().map(|(token, ..)| token),
            Some(
                Token::Number(_)
                    | Token::String(_)
                    | Token::Name(_)
                    | Token::Builtin(_)
                    | Token::Regex(_)
                    | Token::Operator(")" | "]" | "$" | "++" | "--")
            )
        )
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut raw = String::new();
        loop {
            match self.peek() {
                None | Some('\n') => return Err(self.error("unterminated string")),
                Some('"') => break,
                Some('\\') => {
                    raw.push('\\');
                    self.at += 1;
                    raw.extend(self.peek());
                }
                Some(c) => raw.push(c),
            }
            self.at += 1;
        }
        self.at += 1;
        self.push(Token::String(super::run::unescape(&raw).into()), start);
        Ok(())
    }

    fn regex(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut text = EcoString::new();
        let mut bracket = false;
        loop {
            match self.peek() {
                None | Some('\n') => return Err(self.error("unterminated regexp")),
                Some('/') if !bracket => break,
                Some('\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some('/') => text.push('/'),
                        Some(c) => {
                            text.push('\\');
                            text.push(c);
                        }
                        None => {}
                    }
                }
                Some(c) => {
                    match c {
                        '[' => bracket = true,
                        ']' if !text.ends_with('[') => bracket = false,
                        _ => {}
                    }
                    text.push(c);
                }
            }
            self.at += 1;
        }
        self.at += 1;
        self.push(Token::Regex(text), start);
        Ok(())
    }

    fn number(&mut self) {
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let exponent = matches!(c, 'e' | 'E')
                && self.chars.get(self.at + 1).is_some_and(|next| {
                    next.is_ascii_digit()
                        || (matches!(next, '+' | '-')
                            && self.chars.get(self.at + 2).is_some_and(char::is_ascii_digit))
                });
            let sign = matches!(c, '+' | '-') && text.ends_with(['e', 'E']);
            if !(c.is_ascii_digit() || c == '.' || exponent || sign) {
                break;
            }
            text.push(c);
            self.at += 1;
        }
        self.push(Token::Number(text.parse().unwrap_or(0.0)), start);
    }

    fn word(&mut self) {
        let start = self.at;
        let mut word = EcoString::new();
        while let Some(c) = self.peek().filter(|c| *c == '_' || c.is_ascii_alphanumeric()) {
            word.push(c);
            self.at += 1;
        }
        let keyword = KEYWORDS.iter().chain(&["printf"]).find(|known| **known == word);
        let token = match keyword {
            Some(keyword) => Token::Keyword(keyword),
            None if BUILTINS.contains(&word.as_str()) => Token::Builtin(word),
            None if self.peek() == Some('(') => Token::Function(word),
            None => Token::Name(word),
        };
        self.push(token, start);
    }

    fn operator(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let found = OPERATORS.iter().find(|operator| {
            operator.chars().enumerate().all(|(i, c)| self.chars.get(start + i) == Some(&c))
        });
        let Some(operator) = found else { return Err(self.error("syntax error")) };
        self.at += operator.len();
        let operator = match *operator {
            "**" => "^",
            "**=" => "^=",
            other => other,
        };
        self.push(Token::Operator(operator), start);
        Ok(())
    }
}
