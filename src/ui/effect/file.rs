//! Files that the page offers to be saved, and those it is given.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// No file of more bytes can be of use; of a longer one, one byte more is read.
const LENGTH_MAX: f64 = 1_048_576.0;

#[wasm_bindgen(module = "/src/ui/effect/file.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn read_files(event: &JsValue, most: f64) -> Result<JsValue, JsValue>;
}

/// Reads the files that were chosen or dropped: names and texts.
pub fn read(event: &JsValue, then: impl FnOnce(Vec<(String, String)>) + 'static) {
    let event = event.clone();
    spawn_local(async move {
        let Ok(files) = read_files(&event, LENGTH_MAX + 1.0).await else { return };
        let pair = |file: JsValue| {
            let file = js_sys::Array::from(&file);
            Some((file.get(0).as_string()?, file.get(1).as_string()?))
        };
        then(js_sys::Array::from(&files).iter().filter_map(pair).collect());
    });
}

/// Offers a text as a file.
pub fn save(name: &str, text: &str) {
    // A browser that cannot make the file does nothing, as if the learner had declined.
    let _ = offer(name, text);
}

fn offer(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let address = Url::create_object_url_with_blob(&Blob::new_with_str_sequence(&parts)?)?;
    let link = document().create_element("a")?.dyn_into::<HtmlAnchorElement>()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
