//! Tokens to nodes: go-yaml's `parserc.go`, and the tree building of its `decode.go`.

use std::collections::BTreeMap;

use super::node::{Node, NodeKind, Span, Tree};
use super::scanner::{Scanner, Style, Token, TokenKind};
use super::{Error, Mark};

struct Parser {
    scanner: Scanner,
    tree: Tree,
    anchors: BTreeMap<String, usize>,
    tag_prefixes: BTreeMap<String, String>,
}

/// Reads the first document; a text without one gives an empty tree.
pub(super) fn parse(text: &str) -> Result<Tree, Error> {
    let prefixes = [("!", "!"), ("!!", "tag:yaml.org,2002:")];
    let mut parser = Parser {
        scanner: Scanner::new(text)?,
        tree: Tree::default(),
        anchors: BTreeMap::new(),
        tag_prefixes: prefixes.map(|(k, v)| (k.into(), v.into())).into(),
    };
    parser.parse_document()?;
    Ok(parser.tree)
}

/// What an anchor and a tag say about the node after them.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: String,
    start: Option<Mark>,
}

impl Parser {
    fn peek(&mut self) -> Result<&TokenKind, Error> {
        Ok(&self.scanner.peek_token()?.kind)
    }

    fn next(&mut self) -> Result<Token, Error> {
        self.scanner.next_token()
    }

    fn peek_mark(&mut self) -> Result<Mark, Error> {
        Ok(self.scanner.peek_token()?.start)
    }

    /// A complaint of the parser; go-yaml counts its lines from 0 and says no 0.
    fn error<T>(&self, problem: &str, mark: Mark) -> Result<T, Error> {
        let message = match mark.line {
            0 => format!("yaml: {problem}"),
            line => format!("yaml: line {line}: {problem}"),
        };
        Err(Error { message, mark })
    }

    fn parse_document(&mut self) -> Result<(), Error> {
        self.next()?;
        while matches!(self.peek()?, TokenKind::DocumentEnd) {
            self.next()?;
        }
        let mut has_directives = false;
        loop {
            match self.peek()?.clone() {
                TokenKind::VersionDirective => {}
                TokenKind::TagDirective { handle, prefix } => {
                    self.tag_prefixes.insert(handle, prefix);
                }
                _ => break,
            }
            has_directives = true;
            self.next()?;
        }
        let mark = self.peek_mark()?;
        match self.peek()? {
            TokenKind::StreamEnd if !has_directives => return Ok(()),
            TokenKind::DocumentStart => {
                self.next()?;
            }
            _ if has_directives => {
                return self.error("did not find expected <document start>", mark);
            }
            _ => {}
        }
        let root = match self.peek()? {
            TokenKind::DocumentStart | TokenKind::DocumentEnd | TokenKind::StreamEnd => {
                self.empty_scalar()?
            }
            _ => self.parse_node(true, false)?,
        };
        self.tree.root = Some(root);
        // What stands behind the document is read by nobody, but one token of it is looked at.
        self.peek()?;
        Ok(())
    }

    fn add(&mut self, kind: NodeKind, tag: String, span: Span) -> usize {
        self.tree.nodes.push(Node { kind, tag, span });
        self.tree.nodes.len() - 1
    }

    fn empty_scalar(&mut self) -> Result<usize, Error> {
        let mark = self.peek_mark()?;
        let kind = NodeKind::Scalar { value: String::new(), implicit: true };
        Ok(self.add(kind, String::new(), Span { start: mark, end: mark }))
    }

    fn parse_node(&mut self, block: bool, indentless_sequence: bool) -> Result<usize, Error> {
        if let TokenKind::Alias(anchor) = self.peek()? {
            let anchor = anchor.clone();
            return self.parse_alias(anchor);
        }
        let properties = self.parse_properties()?;
        let token = self.scanner.peek_token()?.clone();
        let start = properties.start.unwrap_or(token.start);
        let span = Span { start, end: token.end };
        let node = self.tree.nodes.len();
        if let Some(anchor) = &properties.anchor {
            self.anchors.insert(anchor.clone(), node);
        }
        let has_properties = properties.start.is_some();
        let tag = properties.tag;
        match token.kind {
            TokenKind::BlockEntry if indentless_sequence => {
                self.parse_indentless_sequence(tag, span)
            }
            TokenKind::Scalar { value, style } => {
                self.next()?;
                Ok(self.add_scalar(value, style, tag, span))
            }
            TokenKind::FlowSequenceStart => self.parse_flow_sequence(tag, span),
            TokenKind::FlowMappingStart => self.parse_flow_mapping(tag, span),
            TokenKind::BlockSequenceStart if block => self.parse_block_sequence(tag, span),
            TokenKind::BlockMappingStart if block => self.parse_block_mapping(tag, span),
            _ if has_properties => {
                let kind = NodeKind::Scalar { value: String::new(), implicit: tag.is_empty() };
                Ok(self.add(kind, tag, Span { start, end: start }))
            }
            _ => self.error("did not find expected node content", token.start),
        }
    }

    fn parse_alias(&mut self, anchor: String) -> Result<usize, Error> {
        let token = self.next()?;
        let Some(&target) = self.anchors.get(&anchor) else {
            let message = format!("yaml: unknown anchor '{anchor}' referenced");
            return Err(Error { message, mark: token.start });
        };
        let span = Span { start: token.start, end: token.end };
        Ok(self.add(NodeKind::Alias { anchor, target }, String::new(), span))
    }

    fn parse_properties(&mut self) -> Result<Properties, Error> {
        let mut properties = Properties::default();
        let mut has_tag = false;
        loop {
            let mark = self.peek_mark()?;
            match self.peek()?.clone() {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                }
                TokenKind::Tag { handle, suffix } if !has_tag => {
                    has_tag = true;
                    properties.tag = match (handle.as_str(), self.tag_prefixes.get(&handle)) {
                        ("", _) => suffix,
                        (_, Some(prefix)) => format!("{prefix}{suffix}"),
                        (_, None) => return self.error("found undefined tag handle", mark),
                    };
                }
                _ => return Ok(properties),
            }
            properties.start.get_or_insert(mark);
            self.next()?;
        }
    }

    fn add_scalar(&mut self, value: String, style: Style, tag: String, span: Span) -> usize {
        let is_plain = style == Style::Plain;
        let (implicit, tag) = match tag.as_str() {
            "!" => (true, String::new()),
            "" => (is_plain, tag),
            _ => (false, tag),
        };
        self.add(NodeKind::Scalar { value, implicit }, tag, span)
    }

    fn parse_indentless_sequence(&mut self, tag: String, span: Span) -> Result<usize, Error> {
        let node = self.add(NodeKind::Sequence(Vec::new()), tag, span);
        let mut items = Vec::new();
        while matches!(self.peek()?, TokenKind::BlockEntry) {
            self.next()?;
            items.push(match self.peek()? {
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                    self.empty_scalar()?
                }
                _ => self.parse_node(true, false)?,
            });
        }
        self.finish(node, NodeKind::Sequence(items), span.end);
        Ok(node)
    }

    fn parse_block_sequence(&mut self, tag: String, span: Span) -> Result<usize, Error> {
        let node = self.add(NodeKind::Sequence(Vec::new()), tag, span);
        self.next()?;
        let mut items = Vec::new();
        loop {
            let token = self.next_if_or_mark(|kind| {
                matches!(kind, TokenKind::BlockEntry | TokenKind::BlockEnd)
            })?;
            match token {
                Ok(Token { kind: TokenKind::BlockEntry, .. }) => {
                    items.push(match self.peek()? {
                        TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty_scalar()?,
                        _ => self.parse_node(true, false)?,
                    });
                }
                Ok(end) => {
                    self.finish(node, NodeKind::Sequence(items), end.start);
                    return Ok(node);
                }
                Err(mark) => return self.error("did not find expected '-' indicator", mark),
            }
        }
    }

    fn parse_block_mapping(&mut self, tag: String, span: Span) -> Result<usize, Error> {
        let node = self.add(NodeKind::Mapping(Vec::new()), tag, span);
        self.next()?;
        let mut pairs = Vec::new();
        loop {
            let token = self.next_if_or_mark(|kind| {
                matches!(kind, TokenKind::Key | TokenKind::BlockEnd | TokenKind::Value)
            })?;
            let key = match token {
                Ok(Token { kind: TokenKind::Key, .. }) => self.parse_block_part()?,
                Ok(Token { kind: TokenKind::Value, start, .. }) => {
                    return self.error("did not find expected key", start);
                }
                Ok(end) => {
                    self.finish(node, NodeKind::Mapping(pairs), end.start);
                    return Ok(node);
                }
                Err(mark) => return self.error("did not find expected key", mark),
            };
            let value = if matches!(self.peek()?, TokenKind::Value) {
                self.next()?;
                self.parse_block_part()?
            } else {
                self.empty_scalar()?
            };
            pairs.push((key, value));
        }
    }

    /// A key or a value of a block mapping, which may be missing.
    fn parse_block_part(&mut self) -> Result<usize, Error> {
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => self.empty_scalar(),
            _ => self.parse_node(true, true),
        }
    }

    /// Takes the next token if it is wanted, else tells where it stands.
    fn next_if_or_mark(
        &mut self,
        is_wanted: impl Fn(&TokenKind) -> bool,
    ) -> Result<Result<Token, Mark>, Error> {
        let token = self.scanner.peek_token()?;
        if !is_wanted(&token.kind) {
            return Ok(Err(token.start));
        }
        self.next().map(Ok)
    }

    fn parse_flow_sequence(&mut self, tag: String, span: Span) -> Result<usize, Error> {
        let node = self.add(NodeKind::Sequence(Vec::new()), tag, span);
        self.next()?;
        let mut items = Vec::new();
        while !matches!(self.peek()?, TokenKind::FlowSequenceEnd) {
            if !items.is_empty() {
                self.expect_flow_entry("did not find expected ',' or ']'")?;
            }
            match self.peek()? {
                TokenKind::FlowSequenceEnd => break,
                TokenKind::Key => items.push(self.parse_flow_pair()?),
                _ => items.push(self.parse_node(false, false)?),
            }
        }
        let end = self.next()?.end;
        self.finish(node, NodeKind::Sequence(items), end);
        Ok(node)
    }

    /// `[a: b]`: a mapping of one pair without braces.
    fn parse_flow_pair(&mut self) -> Result<usize, Error> {
        let token = self.next()?;
        let span = Span { start: token.start, end: token.end };
        let node = self.add(NodeKind::Mapping(Vec::new()), String::new(), span);
        let key = match self.peek()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.empty_scalar()?
            }
            _ => self.parse_node(false, false)?,
        };
        let value = self.parse_flow_value(|k| matches!(k, TokenKind::FlowSequenceEnd))?;
        let end = self.tree.nodes[value].span.end;
        self.finish(node, NodeKind::Mapping(vec![(key, value)]), end);
        Ok(node)
    }

    fn parse_flow_value(&mut self, is_end: fn(&TokenKind) -> bool) -> Result<usize, Error> {
        if !matches!(self.peek()?, TokenKind::Value) {
            return self.empty_scalar();
        }
        self.next()?;
        let kind = self.peek()?;
        if matches!(kind, TokenKind::FlowEntry) || is_end(kind) {
            return self.empty_scalar();
        }
        self.parse_node(false, false)
    }

    fn expect_flow_entry(&mut self, problem: &str) -> Result<(), Error> {
        match self.next_if_or_mark(|kind| matches!(kind, TokenKind::FlowEntry))? {
            Ok(_) => Ok(()),
            Err(mark) => self.error(problem, mark),
        }
    }

    fn parse_flow_mapping(&mut self, tag: String, span: Span) -> Result<usize, Error> {
        let node = self.add(NodeKind::Mapping(Vec::new()), tag, span);
        self.next()?;
        let mut pairs = Vec::new();
        while !matches!(self.peek()?, TokenKind::FlowMappingEnd) {
            if !pairs.is_empty() {
                self.expect_flow_entry("did not find expected ',' or '}'")?;
            }
            let pair = match self.peek()? {
                TokenKind::FlowMappingEnd => break,
                TokenKind::Key => {
                    self.next()?;
                    let key = match self.peek()? {
                        TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                            self.empty_scalar()?
                        }
                        _ => self.parse_node(false, false)?,
                    };
                    let is_end = |k: &TokenKind| matches!(k, TokenKind::FlowMappingEnd);
                    (key, self.parse_flow_value(is_end)?)
                }
                _ => (self.parse_node(false, false)?, self.empty_scalar()?),
            };
            pairs.push(pair);
        }
        let end = self.next()?.end;
        self.finish(node, NodeKind::Mapping(pairs), end);
        Ok(node)
    }

    fn finish(&mut self, node: usize, kind: NodeKind, end: Mark) {
        if let Some(node) = self.tree.nodes.get_mut(node) {
            node.kind = kind;
            node.span.end = end;
        }
    }
}
