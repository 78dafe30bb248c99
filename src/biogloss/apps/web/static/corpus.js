"use strict";
// Corpus: a file becomes a job, whose progress is followed until its documents can be browsed.
{
  const input = document.getElementById("file");
  const corpus = document.getElementById("corpus");
  const language = document.body.dataset.language;
  const upload = async (file) => {
    const sending = document.getElementById("sending");
    sending.hidden = false;
    const response = await biogloss.send("/v1/jobs", {
      method: "POST", body: file, headers: { "Content-Type": document.getElementById("kind").value },
    });
    sending.hidden = true;
    input.value = "";
    if (response) location.assign(`/corpus?job=${(await response.json()).id}&lang=${language}`);
  };
  if (input) {
    input.addEventListener("change", () => { if (input.files.length) upload(input.files[0]); });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) upload(event.dataTransfer.files[0]);
    });
  }

  // Server-sent events, read by hand: the browser's own reader sends no key.
  const follow = async (box) => {
    const response = await biogloss.send(`/v1/jobs/${box.dataset.follow}/events`);
    if (!response) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (waiting + part.value).split("\n\n");
      waiting = events.pop();
      for (const event of events) {
        const data = event.split("\n").find((line) => line.startsWith("data: "));
        if (!data) continue;
        const job = JSON.parse(data.slice(6));
        box.querySelector("[data-done]").textContent = job.done;
        box.querySelector("[data-failed]").textContent = job.failed;
      }
    }
    htmx.trigger(corpus, "again");
  };
  corpus?.addEventListener("htmx:afterSwap", () => {
    const box = corpus.querySelector("[data-follow]");
    if (box) follow(box).catch(() => biogloss.trouble(biogloss.said.unreachable));
    if (document.getElementById("types")) biogloss.legend();
  });
  corpus?.addEventListener("click", async (event) => {
    const { download, forget } = event.target.dataset;
    if (download) {
      const response = await biogloss.send(`/v1/jobs/${download}/result`);
      if (response) biogloss.download(`biogloss-${download.slice(0, 8)}.jsonl`, await response.text(), "application/jsonl");
    }
    if (forget && (await biogloss.send(`/v1/jobs/${forget}`, { method: "DELETE" }))) location.assign(`/corpus?lang=${language}`);
  });
  // With another key, or when the service is there again.
  document.getElementById("key")?.addEventListener("change", () => {
    const shown = corpus ?? document.getElementById("corpora");
    if (shown) htmx.trigger(shown, "again");
  });
}
