//! Getting images.
//!
//! Models `pkg/kubelet/images/image_manager.go` EnsureImageExists. Layers that a node has are
//! not pulled again, so later pulls of the same kind are quick.

use crate::api::time::{Duration, Time};

use crate::controller::reason::KubeletReason;

use super::container::{Backoff, Waiting};
use super::image::Image;
use super::spec::Place;
use super::sync::Work;
use super::worker::{Cx, Worker};
use crate::api::image_reference::Reference;

/// A pull under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pull {
    /// For which container.
    pub place: Place,
    /// When it was asked for.
    pub since: Time,
    /// Time of the pull itself, without waiting.
    pub span: Duration,
    /// When it ends.
    pub until: Time,
    /// What comes out, if it exists.
    pub image: Option<Image>,
}

impl Worker {
    /// Gets a container's image. True if that takes time or leads to the next step.
    pub fn ensure_image(&mut self, cx: &mut Cx, place: Place) -> bool {
        let name = self.spec().container(place).get("image").str().to_string();
        let policy = self.spec().container(place).get("imagePullPolicy").str().to_string();
        let Ok(reference) = Reference::parse(&name) else {
            self.invalid_name(cx, place, &name);
            return false;
        };
        let present = cx.node.has_image(&reference);
        match policy.as_str() {
            "Never" if !present => self.never_pulled(cx, place, &name),
            "Always" => return self.pull(cx, place, &name, &reference),
            _ if present => {
                let message = format!(
                    "Container image \"{name}\" already present on machine and can be accessed \
                     by the pod"
                );
                self.record_at(cx, place, (false, "Pulled"), message);
                self.create(cx, place);
                return true;
            }
            _ => return self.pull(cx, place, &name, &reference),
        }
        false
    }

    fn invalid_name(&mut self, cx: &mut Cx, place: Place, name: &str) {
        let message = format!(
            "Failed to apply default image tag \"{name}\": couldn't parse image name \"{name}\": \
             invalid reference format"
        );
        self.record_at(cx, place, (true, "InspectFailed"), message.clone());
        self.image_failed(cx, place, "InvalidImageName", &message);
    }

    fn never_pulled(&mut self, cx: &mut Cx, place: Place, name: &str) {
        let message =
            format!("Container image \"{name}\" is not present with pull policy of Never");
        self.record_at(cx, place, (true, "ErrImageNeverPull"), message.clone());
        self.image_failed(cx, place, "ErrImageNeverPull", &message);
    }

    fn image_failed(&mut self, cx: &mut Cx, place: Place, reason: &str, message: &str) {
        self.record_at(cx, place, (true, "Failed"), format!("Error: {reason}"));
        self.outcome.failed = true;
        let waiting = Waiting { reason: reason.into(), message: message.into() };
        self.containers[place].reason = Some(Box::new(waiting));
    }

    fn pull(&mut self, cx: &mut Cx, place: Place, name: &str, reference: &Reference) -> bool {
        let pauses = &mut self.containers[place].pauses;
        if pauses.image != name {
            (pauses.image, pauses.pull) = (name.into(), Backoff::default());
        }
        let backoff = &pauses.pull;
        if let Some(left) = backoff.left_since_last(cx.now) {
            let message = format!("Back-off pulling image \"{name}\"");
            self.record_at(cx, place, (false, "BackOff"), message.clone());
            self.record_at(cx, place, (true, "Failed"), "Error: ImagePullBackOff".into());
            let why = format!("{message}: ErrImagePull: {}", not_found(reference));
            let waiting = Waiting { reason: "ImagePullBackOff".into(), message: why.into() };
            self.containers[place].reason = Some(Box::new(waiting));
            let (container, seconds) = (self.name_of(place), left.as_secs());
            self.explain(cx, KubeletReason::ImageBackOff { container, seconds });
            self.back_off(left);
            return false;
        }
        self.record_at(cx, place, (false, "Pulling"), format!("Pulling image \"{name}\""));
        let image = Image::find(reference);
        let known = image.as_ref().is_some_and(|image| cx.node.has_layers(image.family));
        let (least, most) = match (&image, known) {
            (None, _) => (8_000, 25_000),
            (Some(_), true) => (40_000, 100_000),
            (Some(_), false) => (350_000, 750_000),
        };
        let span = cx.choice.latency(least, most);
        let until = cx.node.queue_pull(cx.now, span);
        self.work = Work::Pull(Box::new(Pull { place, since: cx.now, span, until, image }));
        true
    }

    /// A pull has ended.
    pub fn pulled(&mut self, cx: &mut Cx, pull: Pull) {
        let place = pull.place;
        let name = self.spec().container(place).get("image").str().to_string();
        let Some(image) = pull.image else {
            return self.pull_failed(cx, place, &name);
        };
        cx.node.keep_image(image.reference.clone(), image.family);
        self.containers[place].pauses.pull.reset();
        let message = format!(
            "Successfully pulled image \"{name}\" in {} ({} including waiting). Image size: {} \
             bytes.",
            short(pull.span),
            short(cx.now.since(pull.since)),
            image.size()
        );
        self.record_at(cx, place, (false, "Pulled"), message);
        self.create(cx, place);
    }

    fn pull_failed(&mut self, cx: &mut Cx, place: Place, name: &str) {
        let why = match Reference::parse(name) {
            Ok(reference) => not_found(&reference),
            Err(_) => String::new(),
        };
        let (container, image) = (self.name_of(place), name.into());
        self.explain(cx, KubeletReason::ImageNotPulled { container, image });
        let message = format!("Failed to pull image \"{name}\": {why}");
        self.record_at(cx, place, (true, "Failed"), message);
        self.record_at(cx, place, (true, "Failed"), "Error: ErrImagePull".into());
        self.containers[place].pauses.pull.next(cx.now);
        self.fail_start(cx, place, "ErrImagePull", &why);
    }
}

fn not_found(reference: &Reference) -> String {
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{reference}\": failed \
         to resolve reference \"{reference}\": {reference}: not found"
    )
}

// time.Duration rounded to milliseconds, as Go prints it.
fn short(span: Duration) -> String {
    let millis = span.as_millis();
    match millis {
        0..1000 => format!("{millis}ms"),
        _ => {
            let text = format!("{}.{:03}", millis / 1000, millis % 1000);
            format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_printed_as_go_does() {
        let millis = |n| short(Duration::from_millis(n));
        assert_eq!([millis(47), millis(1000), millis(1890)], ["47ms", "1s", "1.89s"]);
    }
}
