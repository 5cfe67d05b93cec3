'use strict';
// A policy as it is edited: header fields, types of both components, conflict sets, labels. Its XML is read and written here; what it must not be, xend says.
const NS = 'http://www.ibm.com';
const HEADER = ['PolicyUrl', 'Reference', 'Date', 'NameSpaceUrl'];
let policy = null;

const validType = name => /^[A-Za-z0-9_.+-]{1,128}$/.test(name);
const quoted = text => text.replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`);

function read(text) {
  const xml = new DOMParser().parseFromString(text, 'application/xml');
  const root = xml.documentElement;
  if (root.namespaceURI !== NS || root.localName !== 'SecurityPolicyDefinition') throw new Error('it is no security policy');
  const children = (parent, name) => parent ? [...parent.children].filter(child => child.namespaceURI === NS && child.localName === name) : [];
  const child = (parent, name) => children(parent, name)[0];
  const value = (parent, name) => child(parent, name)?.textContent.trim() ?? '';
  const types = parent => children(parent, 'Type').map(type => type.textContent.trim());
  const label = node => ({
    name: value(node, 'Name'), was: value(node, 'Name'), from: child(node, 'Name')?.getAttribute('from'),
    ste: types(child(node, 'SimpleTypeEnforcementTypes')), chwall: types(child(node, 'ChineseWallTypes')),
  });
  const header = child(root, 'PolicyHeader');
  const from = child(header, 'FromPolicy');
  const ste = child(root, 'SimpleTypeEnforcement');
  const wall = child(root, 'ChineseWall');
  const template = child(root, 'SecurityLabelTemplate');
  const subjects = child(template, 'SubjectLabels');
  return {
    name: value(header, 'PolicyName'), version: value(header, 'Version'), header: HEADER.map(name => value(header, name)),
    from: from ? [value(from, 'PolicyName'), value(from, 'Version')] : null,
    primary: [ste, wall].map(part => part?.hasAttribute('priority') || part?.hasAttribute('order') || false),
    ste: types(child(ste, 'SimpleTypeEnforcementTypes')), chwall: types(child(wall, 'ChineseWallTypes')),
    sets: children(child(wall, 'ConflictSets'), 'Conflict').map(set => ({ name: set.getAttribute('name') ?? '', types: types(set) })),
    bootstrap: subjects?.getAttribute('bootstrap') ?? '',
    vms: children(subjects, 'VirtualMachineLabel').map(label),
    resources: children(child(template, 'ObjectLabels'), 'ResourceLabel').map(label),
  };
}

function write() {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  const line = (depth, text) => lines.push('   '.repeat(depth) + text);
  const types = (depth, tag, names) => {
    if (!names.length) return;
    line(depth, `<${tag}>`);
    names.forEach(name => line(depth + 1, `<Type>${quoted(name)}</Type>`));
    line(depth, `</${tag}>`);
  };
  const label = (tag, one) => {
    line(3, `<${tag}>`);
    line(4, `<Name${one.from ? ` from="${quoted(one.from)}"` : ''}>${quoted(one.name)}</Name>`);
    types(4, 'SimpleTypeEnforcementTypes', one.ste);
    types(4, 'ChineseWallTypes', one.chwall);
    line(3, `</${tag}>`);
  };
  const primary = which => policy.primary[which] ? ' priority="PrimaryPolicyComponent"' : '';
  line(0, `<SecurityPolicyDefinition xmlns="${NS}">`);
  line(1, '<PolicyHeader>');
  line(2, `<PolicyName>${quoted(policy.name)}</PolicyName>`);
  HEADER.forEach((name, index) => policy.header[index] && line(2, `<${name}>${quoted(policy.header[index])}</${name}>`));
  line(2, `<Version>${quoted(policy.version)}</Version>`);
  if (policy.from) line(2, `<FromPolicy><PolicyName>${quoted(policy.from[0])}</PolicyName><Version>${quoted(policy.from[1])}</Version></FromPolicy>`);
  line(1, '</PolicyHeader>');
  if (policy.ste.length) {
    line(1, `<SimpleTypeEnforcement${primary(0)}>`);
    types(2, 'SimpleTypeEnforcementTypes', policy.ste);
    line(1, '</SimpleTypeEnforcement>');
  }
  if (policy.chwall.length) {
    line(1, `<ChineseWall${primary(1)}>`);
    types(2, 'ChineseWallTypes', policy.chwall);
    if (policy.sets.length) {
      line(2, '<ConflictSets>');
      policy.sets.forEach(set => {
        line(3, `<Conflict name="${quoted(set.name)}">`);
        set.types.forEach(name => line(4, `<Type>${quoted(name)}</Type>`));
        line(3, '</Conflict>');
      });
      line(2, '</ConflictSets>');
    }
    line(1, '</ChineseWall>');
  }
  line(1, '<SecurityLabelTemplate>');
  line(2, `<SubjectLabels bootstrap="${quoted(policy.bootstrap)}">`);
  policy.vms.forEach(one => label('VirtualMachineLabel', one));
  line(2, '</SubjectLabels>');
  if (policy.resources.length) {
    line(2, '<ObjectLabels>');
    policy.resources.forEach(one => label('ResourceLabel', one));
    line(2, '</ObjectLabels>');
  }
  line(1, '</SecurityLabelTemplate>');
  line(0, '</SecurityPolicyDefinition>');
  return lines.join('\n') + '\n';
}

function cell(kind, content, title) {
  const made = document.createElement(kind);
  made.append(content);
  if (title) made.title = title;
  return made;
}

function box(row, list, type, title, isFirst) {
  const made = document.createElement('input');
  made.type = 'checkbox';
  made.checked = list.includes(type);
  made.setAttribute('aria-label', title);
  made.addEventListener('change', () => {
    if (made.checked) list.push(type); else list.splice(list.indexOf(type), 1);
    check();
  });
  return Object.assign(cell('td', made, title), { className: isFirst ? 'first' : '' });
}

// Rows of one kind against types: groups are [heading, the row's list, all types].
function matrix(table, rows, groups, lead, remove) {
  table.replaceChildren();
  if (!rows.length) return;
  const names = document.createElement('tr');
  const head = document.createElement('tr');
  names.append(cell('th', ''), cell('th', ''));
  head.append(cell('th', ''), cell('th', ''));
  for (const [title, , types] of groups.filter(([, , types]) => types.length)) {
    const over = cell('th', title);
    over.colSpan = types.length;
    names.append(over);
    types.forEach((type, index) => head.append(Object.assign(cell('th', cell('span', type)), { className: index ? 'type' : 'type first' })));
  }
  table.append(names, head);
  rows.forEach((row, index) => {
    const line = document.createElement('tr');
    line.dataset.name = row.name;
    line.append(cell('td', button('✕', () => { rows.splice(index, 1); remove?.(row); show(); }), `Delete ${row.name}`), cell('th', lead(row)));
    groups.forEach(([title, list, types]) => types.forEach((type, index) => line.append(box(row, list(row), type, `${row.name}: ${title} ${type}`, index === 0))));
    table.append(line);
  });
}

function rename(rows, row, done) {
  return button(row.name, async () => {
    const name = await ask('New name', row.name);
    if (name === null || name === row.name || refuse(name, rows)) return;
    if (row.was) row.from ??= row.was;
    done?.(row.name, name);
    row.name = name;
    show();
  });
}

function refuse(name, rows) {
  if (!validType(name)) { say(`'${name}' cannot be a name: letters, digits, _, -, . and +.`, true); return true; }
  if (rows.some(row => (row.name ?? row) === name)) { say(`Item with name ${name} already exists!`, true); return true; }
  return false;
}

// What xend would refuse is said at once, where it is made.
function check() {
  for (const one of policy.vms) {
    const set = policy.sets.find(set => set.types.filter(type => one.chwall.includes(type)).length > 1);
    if (set) { say(`Label '${one.name}' holds two types of conflict set '${set.name}'.`, true); return; }
  }
  const bare = policy.resources.find(one => !one.ste.length);
  if (bare) { say(`Resource label '${bare.name}' has no type: nobody could use what has it.`, true); return; }
  const small = policy.sets.find(set => set.types.length < 2);
  if (small) { say(`Conflict set '${small.name}' has fewer than two types.`, true); return; }
  say('');
}

function show() {
  page('title').textContent = policy ? `Policy: ${policy.name} ${policy.version}` : 'Xen Security Policy Generation Tool';
  document.title = page('title').textContent;
  document.querySelectorAll('main button, #generate, #save').forEach(one => { one.disabled = !policy; });
  if (!policy) return;
  const chip = (kind, list, name) => {
    const item = document.createElement('li');
    item.append(`${kind} ${name} `, button('✕', () => {
      list.splice(list.indexOf(name), 1);
      for (const row of [...policy.vms, ...policy.resources]) if (list === policy.ste) row.ste = row.ste.filter(type => type !== name); else row.chwall = row.chwall.filter(type => type !== name);
      if (list === policy.chwall) for (const set of policy.sets) set.types = set.types.filter(type => type !== name);
      show();
    }));
    return item;
  };
  page('types').replaceChildren(...policy.ste.map(name => chip('STE', policy.ste, name)), ...policy.chwall.map(name => chip('CHWALL', policy.chwall, name)));
  matrix(page('sets'), policy.sets, [['Chinese Wall', set => set.types, policy.chwall]], set => set.name);
  matrix(
    page('vms'), policy.vms,
    [['Simple Type Enforcement', one => one.ste, policy.ste], ['Chinese Wall', one => one.chwall, policy.chwall]],
    one => {
      const mark = document.createElement('input');
      mark.type = 'radio';
      mark.name = 'bootstrap';
      mark.checked = policy.bootstrap === one.name;
      mark.setAttribute('aria-label', `${one.name} is Domain-0's`);
      mark.addEventListener('change', () => { policy.bootstrap = one.name; });
      const both = document.createElement('span');
      both.append(mark, rename(policy.vms, one, (before, after) => { if (policy.bootstrap === before) policy.bootstrap = after; }));
      return both;
    });
  matrix(page('resources'), policy.resources, [['Simple Type Enforcement', one => one.ste, policy.ste]], one => rename(policy.resources, one));
  check();
}

async function append(question, rows, make) {
  const name = await ask(question);
  if (name === null || refuse(name, rows)) return;
  rows.push(make(name));
  show();
}

function take(text, name) {
  try {
    policy = read(text);
    show();
  } catch (error) {
    say(`${name} cannot be read: ${error.message}`, true);
  }
}

page('load').addEventListener('click', async () => {
  const name = await ask('Name of the policy', policy?.name ?? 'example.chwall_ste.test-wld');
  if (!name) return;
  const answer = await fetch(`/v1/security/source?policy=${encodeURIComponent(name)}`);
  if (answer.ok) take(await answer.text(), name); else say((await answer.json()).message, true);
});
page('open').addEventListener('change', async event => {
  const chosen = event.target.files[0];
  event.target.value = '';
  if (chosen) take(await chosen.text(), chosen.name);
});
page('generate').addEventListener('click', () => download('security_policy.xml', write(), 'application/xml'));
page('save').addEventListener('click', () => savePolicy(policy.name, { source: write() }));
page('add-ste').addEventListener('click', () => append('Name of the Simple Type Enforcement type', policy.ste, name => name));
page('add-chwall').addEventListener('click', () => append('Name of the Chinese Wall type', policy.chwall, name => name));
page('add-set').addEventListener('click', () => append('Name of the conflict set', policy.sets, name => ({ name, types: [] })));
page('add-vm').addEventListener('click', () => append('Name of the label', policy.vms, name => ({ name, from: null, ste: [], chwall: [] })));
page('add-res').addEventListener('click', () => append('Name of the label', policy.resources, name => ({ name, from: null, ste: [], chwall: [] })));
show();
