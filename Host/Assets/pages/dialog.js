'use strict';
// What both pages have: messages, one question with an answer, a file to save.
const page = id => document.getElementById(id);

function say(text, isError) {
  page('message').textContent = text;
  page('message').className = isError ? 'error' : '';
}

function ask(question, value = '') {
  page('question').textContent = question;
  page('answer').value = value;
  page('ask').returnValue = 'cancel';
  page('ask').showModal();
  return new Promise(done => page('ask').addEventListener(
    'close', () => done(page('ask').returnValue === 'ok' ? page('answer').value.trim() : null), { once: true }));
}

// Enter in the field means OK, not the first button.
page('answer').addEventListener('keydown', event => {
  if (event.key === 'Enter') { event.preventDefault(); page('ask').close('ok'); }
});

function button(text, work) {
  const made = document.createElement('button');
  made.textContent = text;
  made.addEventListener('click', work);
  return made;
}

function download(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Saves on the appliance, over one of the same name if that is wanted; says what became of it.
async function savePolicy(name, content) {
  const send = overwrite => fetch('/v1/security/workloads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...content, policy: name, save: 1, overwrite }),
  });
  let answer = await send(0);
  let said = await answer.json();
  if (!answer.ok && /already$/.test(said.message) && confirm(`${said.message}. Replace it?`)) {
    answer = await send(1);
    said = await answer.json();
  }
  say(answer.ok ? `Policy '${name}' saved as ${said.path}` : said.message, !answer.ok);
  return answer.ok;
}

// Keys as the window of old had them; what a browser keeps for itself is not taken away in fields.
function shortcuts(keys) {
  document.addEventListener('keydown', event => {
    if (page('ask').open || event.target.matches('input')) return;
    const key = `${event.ctrlKey ? 'ctrl-' : ''}${event.altKey ? 'alt-' : ''}${event.key.toLowerCase()}`;
    if (keys[key]) { event.preventDefault(); keys[key](); }
  });
}
