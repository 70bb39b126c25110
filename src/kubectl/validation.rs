//! `--validate`.
//!
//! Models `cmdutil.GetValidationDirective`.

use super::command::Flag;
use super::errors::Failure;
use super::invocation::Invocation;
use crate::apiserver::request::FieldValidation;

/// `--validate`
pub static VALIDATE_FLAG: &[Flag] = &[Flag::text("validate").default("strict").bare("strict")];

/// What the flag asks for.
pub fn of(invocation: &Invocation) -> Result<FieldValidation, Failure> {
    let text = invocation.text("validate");
    match (text, super::args::parse_bool(text)) {
        ("strict", _) | (_, Some(true)) => Ok(FieldValidation::Strict),
        ("warn", _) => Ok(FieldValidation::Warn),
        ("ignore", _) | (_, Some(false)) => Ok(FieldValidation::Ignore),
        _ => Err(Failure::message(format!(
            "invalid - validate option {text:?}; must be one of: strict (or true), warn, ignore \
             (or false)"
        ))),
    }
}
