'use strict';
// The workload definition is the whole state: { orgs: [[NAME, [DEPARTMENT]]], cons: [[RULE, [WORKLOAD]]] }, as .wld files have it.
let work = { orgs: [], cons: [] };
let selected = new Set();
let file = null;
let collapsed = new Set();

const valid = name => /^[A-Za-z0-9_+-]{1,60}$/.test(name) && name !== 'SystemManagement';
const organization = name => work.orgs.find(org => org[0] === name);

function refuseName(name, siblings) {
  if (!valid(name)) { say(`'${name}' cannot be the name of a workload: letters, digits, _, - and +.`, true); return true; }
  if (siblings.includes(name)) { say(`Item with name ${name} already exists!`, true); return true; }
  return false;
}

// A rule may not hold an organization and one of its departments.
function clash(workloads) {
  return workloads.map(one => [one.split('.')[0], one]).find(([org, one]) => org !== one && workloads.includes(org));
}

function show() {
  page('title').textContent = file ? `ezPolicy: ${file}` : 'EZ Workload Protection Policy Tool';
  document.title = page('title').textContent;
  const tree = page('tree');
  tree.replaceChildren();
  for (const [name, departments] of work.orgs) {
    const item = document.createElement('li');
    item.className = 'org';
    item.append(fold(name, departments), workload(name, name));
    const list = document.createElement('ul');
    for (const department of collapsed.has(name) ? [] : departments) {
      const child = document.createElement('li');
      child.append(workload(`${name}.${department}`, department));
      list.append(child);
    }
    item.append(list);
    tree.append(item);
  }
  page('rules').replaceChildren(...work.cons.map(rule));
}

// Opens and closes an organization; there is nothing to open where there are no departments.
function fold(name, departments) {
  const made = button(collapsed.has(name) ? '▸' : '▾', () => { if (!collapsed.delete(name)) collapsed.add(name); show(); });
  made.className = 'fold';
  made.disabled = departments.length === 0;
  made.setAttribute('aria-label', `${collapsed.has(name) ? 'Expand' : 'Collapse'} ${name}`);
  return made;
}

function workload(id, text) {
  const item = document.createElement('span');
  item.className = 'item';
  item.textContent = text;
  item.dataset.workload = id;
  item.draggable = true;
  item.setAttribute('role', 'treeitem');
  item.setAttribute('aria-selected', selected.has(id));
  item.addEventListener('click', event => {
    if (!event.ctrlKey && !event.metaKey) selected = new Set();
    if (!selected.delete(id)) selected.add(id);
    show();
  });
  item.addEventListener('dragstart', event => event.dataTransfer.setData('text/plain', id));
  return item;
}

function rule(entry) {
  const box = document.createElement('div');
  box.className = 'rule';
  const head = document.createElement('header');
  const name = document.createElement('strong');
  name.textContent = entry[0] || 'RER';
  head.append(
    name,
    button('--> Add', () => add(entry, [...selected])),
    button('<-- Del', () => remove(entry, [...selected])),
    button('Rename', async () => { const given = await ask('Name of this rule', entry[0]); if (given !== null) { entry[0] = given.replace(/['\\\n]/g, ''); show(); } }),
    button('Delete', () => { work.cons = work.cons.filter(other => other !== entry); show(); }));
  const list = document.createElement('ul');
  for (const id of entry[1]) {
    const line = document.createElement('li');
    line.textContent = id;
    list.append(line);
  }
  box.append(head, list);
  box.addEventListener('dragover', event => { event.preventDefault(); box.classList.add('over'); });
  box.addEventListener('dragleave', () => box.classList.remove('over'));
  box.addEventListener('drop', event => { event.preventDefault(); box.classList.remove('over'); add(entry, [event.dataTransfer.getData('text/plain')]); });
  return box;
}

function add(entry, ids) {
  const known = ids.filter(id => entry[1].includes(id));
  if (known.length && !confirm(`${known.join(', ')} ${known.length > 1 ? 'are' : 'is'} in this rule already. Go on without?`)) return;
  const next = [...new Set([...entry[1], ...ids.filter(Boolean)])];
  const wrong = clash(next);
  if (wrong) { say(`Invalid Selection [ ${wrong[0]}, ${wrong[1]} ].`, true); return; }
  entry[1] = next;
  say('');
  show();
}

function remove(entry, ids) {
  const next = entry[1].filter(id => !ids.includes(id));
  if (next.length === entry[1].length) { say('Select what is to leave the rule.', true); return; }
  entry[1] = next;
  say('');
  if (next.length < 2) {
    if (confirm(`Rule '${entry[0] || 'RER'}' has fewer than two workloads left and forbids nothing. Delete it?`)) work.cons = work.cons.filter(other => other !== entry);
    else say(`Rule '${entry[0] || 'RER'}' is skipped in policies as long as it has fewer than two workloads.`);
  }
  show();
}

function renameEverywhere(before, after) {
  const move = id => id === before ? after : id.startsWith(`${before}.`) ? after + id.slice(before.length) : id;
  for (const entry of work.cons) entry[1] = entry[1].map(move);
  selected = new Set([...selected].map(move));
}

page('add-org').addEventListener('click', async () => {
  const name = await ask('Name of the organization');
  if (name === null || refuseName(name, work.orgs.map(org => org[0]))) return;
  work.orgs.push([name, []]);
  selected = new Set([name]);
  say('');
  show();
});

page('add-dept').addEventListener('click', async () => {
  const owner = [...selected][0]?.split('.')[0];
  if (!owner) { say('Select an organization first.', true); return; }
  const name = await ask(`Name of the department of ${owner}`);
  const departments = organization(owner)[1];
  if (name === null || refuseName(name, departments)) return;
  departments.push(name);
  say('');
  show();
});

page('rename').addEventListener('click', async () => {
  const id = [...selected][0];
  if (!id || selected.size !== 1) { say('Select one organization or department.', true); return; }
  const [owner, department] = id.split('.');
  const name = await ask(`New name of ${id}`, department ?? owner);
  const siblings = department ? organization(owner)[1] : work.orgs.map(org => org[0]);
  if (name === null || name === (department ?? owner) || refuseName(name, siblings)) return;
  if (department) { siblings[siblings.indexOf(department)] = name; renameEverywhere(id, `${owner}.${name}`); }
  else { organization(owner)[0] = name; renameEverywhere(owner, name); }
  show();
});

page('delete').addEventListener('click', () => {
  for (const id of selected) {
    const [owner, department] = id.split('.');
    if (department) { const org = organization(owner); if (org) org[1] = org[1].filter(name => name !== department); }
    else work.orgs = work.orgs.filter(org => org[0] !== owner);
    for (const entry of work.cons) entry[1] = entry[1].filter(one => one !== id && !one.startsWith(`${id}.`));
  }
  work.cons = work.cons.filter(entry => entry[1].length > 0);
  selected = new Set();
  show();
});

page('make-rule').addEventListener('click', async () => {
  const ids = [...selected];
  if (ids.length < 2) { say('Select at least two workloads (hold Ctrl).', true); return; }
  const wrong = clash(ids);
  if (wrong) { say(`Invalid Selection [ ${wrong[0]}, ${wrong[1]} ].`, true); return; }
  const name = await ask('Name for this run-time exclusion rule');
  if (name === null) return;
  work.cons.push([name.replace(/['\\\n]/g, ''), ids]);
  say('');
  show();
});

page('new').addEventListener('click', () => { work = { orgs: [], cons: [] }; selected = new Set(); file = null; say(''); show(); });

const text = () => {
  const list = names => names.map(name => `'${name}'`).join(', ');
  const pairs = entries => entries.map(([name, names]) => `['${name}', [${list(names)}]]`).join(', ');
  return `ezpolicy = {'orgs': [${pairs(work.orgs)}], 'cons': [${pairs(work.cons)}]}\n`;
};

page('save').addEventListener('click', async () => {
  const name = await ask('File', file ?? 'workload.wld');
  if (!name) return;
  file = name;
  download(name, text(), 'text/plain');
  show();
});

page('open').addEventListener('change', async event => {
  const chosen = event.target.files[0];
  event.target.value = '';
  if (!chosen) return;
  try {
    const body = (await chosen.text()).replace(/^\s*ezpolicy\s*=\s*/, '').replace(/'/g, '"');
    const read = JSON.parse(body);
    const good = entries => Array.isArray(entries) && entries.every(entry => Array.isArray(entry) && typeof entry[0] === 'string' && Array.isArray(entry[1]) && entry[1].every(name => typeof name === 'string'));
    if (!good(read.orgs) || !good(read.cons)) throw new Error('its lists are not those of a workload definition');
    work = { orgs: read.orgs, cons: read.cons };
    selected = new Set();
    file = chosen.name;
    say('');
    show();
  } catch (error) {
    say(`${chosen.name} is no workload definition: ${error.message}`, true);
  }
});

page('policy').addEventListener('click', async () => {
  const name = await ask('Name of the policy', 'example.chwall_ste.test-wld');
  if (name) await savePolicy(name, { definition: text() });
});

const order = (one, two) => one < two ? -1 : 1;
page('sort').addEventListener('click', () => {
  work.orgs.sort((one, two) => order(one[0], two[0]));
  work.orgs.forEach(org => org[1].sort(order));
  work.cons.forEach(entry => entry[1].sort(order));
  show();
});
page('collapse').addEventListener('click', () => { collapsed = new Set(work.orgs.filter(org => org[1].length).map(org => org[0])); show(); });
page('expand').addEventListener('click', () => { collapsed = new Set(); show(); });
page('help').addEventListener('click', () => page('keys').showModal());

shortcuts({
  'ctrl-o': () => page('open').click(), 'ctrl-s': () => page('save').click(), 'alt-s': () => page('save').click(), 'alt-t': () => page('policy').click(),
  'ctrl-r': () => page('rename').click(), 'ctrl-a': () => page(selected.size ? 'add-dept' : 'add-org').click(), 'ctrl-d': () => page('delete').click(),
  delete: () => page('delete').click(), 'ctrl-c': () => page('collapse').click(), 'ctrl-e': () => page('expand').click(), 'ctrl-h': () => page('help').click(),
});
show();
