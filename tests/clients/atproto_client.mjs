// What the official ATProto client sees of a PDS, as one JSON object: statuses, error names, messages and shapes.
// Names, DIDs and times are replaced, so that two PDSs of the same behaviour give the same object.
// PDS_URL, PDS_ADMIN_PASSWORD; PACKAGES is the folder whose node_modules hold @atproto/api.

import { createRequire } from 'node:module'
import path from 'node:path'

const { PDS_URL, PDS_ADMIN_PASSWORD, PACKAGES } = process.env
const { AtpAgent } = createRequire(path.join(PACKAGES, 'package.json'))('@atproto/api')

const DOMAIN = 'at.aesthetic.computer'
// Six letters of this run, so that the program can run twice against one PDS.
const RUN = Array.from({ length: 6 }, () => 'abcdefghijklmnopqrstuvwxyz'[Math.floor(Math.random() * 26)]).join('')
const ADA = `ada-${RUN}`
const GRACE = `grace-${RUN}`
const PASSWORD = 'analytical-engine'

const anonymous = () => new AtpAgent({ service: PDS_URL })
const adminHeaders = { authorization: `Basic ${Buffer.from(`admin:${PDS_ADMIN_PASSWORD}`).toString('base64')}` }
const asAdmin = { headers: adminHeaders }
const asAdminJson = { headers: adminHeaders, encoding: 'application/json' }
const { server, admin, identity, sync } = anonymous().com.atproto

const seen = {}

// One call: what came back, or the error as the client names it.
async function see(name, call, pick = (data) => data) {
  try {
    const { data } = await call()
    seen[name] = scrub({ ok: pick(data) })
    return data
  } catch (error) {
    if (typeof error.status !== 'number') throw error
    seen[name] = scrub({ status: error.status, error: error.error, message: error.message })
  }
}

function scrub(value) {
  const text = JSON.stringify(value)
  return JSON.parse(text.replaceAll(RUN, 'RUN').replace(/did:plc:[a-z2-7]{24}/g, 'DID').replace(/[a-z2-7]{5}-[a-z2-7]{5}"/g, 'CODE"'))
}

// The shape of a value: its keys and the types in it.
function shape(value) {
  if (Array.isArray(value)) return value.length ? [shape(value[0])] : []
  if (value === null || typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]))
}

const invite = async () => (await server.createInviteCode({ useCount: 1 }, asAdminJson)).data.code
const account = (name, inviteCode, more = {}) =>
  ({ handle: `${name}.${DOMAIN}`, email: `${name}@example.com`, password: PASSWORD, inviteCode, ...more })
const create = (name, inviteCode, more) => () => server.createAccount(account(name, inviteCode, more))

await see('describeServer', () => server.describeServer(), ({ availableUserDomains, inviteCodeRequired, did }) =>
  ({ availableUserDomains, inviteCodeRequired, did }))

// Invite codes
await see('createInviteCode', () => server.createInviteCode({ useCount: 1 }, asAdminJson), shape)
await see('createInviteCode: shape of the code', () => server.createInviteCode({ useCount: 1 }, asAdminJson))
await see('createInviteCode: not admin', () => server.createInviteCode({ useCount: 1 }))
await see('createInviteCode: wrong password', () => server.createInviteCode({ useCount: 1 }, {
  headers: { authorization: `Basic ${Buffer.from('admin:wrong').toString('base64')}` }, encoding: 'application/json',
}))
await see('createInviteCodes', () => server.createInviteCodes({ codeCount: 2, useCount: 1 }, asAdminJson), shape)
// What an invite is meant for need not be an account, and a disabled one makes none.
const meantFor = 'did:atriage:00112233445566778899aabbccddeeff'
const disabled = (await server.createInviteCode({ useCount: 1, forAccount: meantFor }, asAdminJson)).data.code
await see('disableInviteCodes', () => admin.disableInviteCodes({ codes: [disabled] }, asAdminJson), (data) => data ?? 'done')
await see('getInviteCodes: disabled', async () => {
  const { data } = await admin.getInviteCodes({ sort: 'recent', limit: 500 }, asAdmin)
  return { data: data.codes.find((entry) => entry.code === disabled) }
}, ({ available, disabled, forAccount, createdBy, uses }) => ({ available, disabled, forAccount, createdBy, uses }))
await see('createAccount: invite disabled', create(`nobody-${RUN}`, disabled))

// Accounts
const code = await invite()
const ada = await see('createAccount', create(ADA, code), ({ handle, did, accessJwt, refreshJwt }) =>
  ({ handle, did, accessJwt: typeof accessJwt, refreshJwt: typeof refreshJwt }))
const unused = await invite()
await see('createAccount: invite used', create(GRACE, code))
await see('createAccount: invite unknown', create(GRACE, 'at-aesthetic-computer-aaaaa-bbbbb'))
await see('createAccount: no invite', create(GRACE, undefined))
await see('createAccount: handle taken', create(ADA, unused, { email: `other-${RUN}@example.com` }))
await see('createAccount: handle taken, other case', create(ADA, unused, { handle: `ADA-${RUN}.${DOMAIN}`, email: `other-${RUN}@example.com` }))
await see('createAccount: e-mail taken', create(GRACE, unused, { email: `${ADA}@example.com` }))
await see('createAccount: e-mail missing', create(GRACE, unused, { email: undefined }))
await see('createAccount: e-mail malformed', create(GRACE, unused, { email: 'grace' }))
await see('createAccount: reserved', create(GRACE, unused, { handle: `music.${DOMAIN}` }))
await see('createAccount: too short', create(GRACE, unused, { handle: `43.${DOMAIN}` }))
await see('createAccount: too long', create(GRACE, unused, { handle: `a23456789012345678x.${DOMAIN}` }))
await see('createAccount: two labels', create(GRACE, unused, { handle: `grace.hopper.${DOMAIN}` }))
await see('createAccount: other domain', create(GRACE, unused, { handle: `grace-${RUN}.example.com` }))
await see('createAccount: underscore', create(GRACE, unused, { handle: `grace_h.${DOMAIN}` }))
await see('createAccount: password too long', create(GRACE, unused, { password: 'x'.repeat(257) }))
const grace = await see('createAccount: after all refusals', create(GRACE, unused), ({ handle }) => handle)
await see('getInviteCodes: used by', async () => {
  const { data } = await admin.getInviteCodes({ sort: 'recent', limit: 500 }, asAdmin)
  return { data: data.codes.find((entry) => entry.code === unused) }
}, ({ available, disabled, uses }) => ({ available, disabled, byGrace: uses.map((use) => use.usedBy === grace.did) }))

// Logins
const login = (identifier, password = PASSWORD) => () => server.createSession({ identifier, password })
const session = ({ handle, email, active }) => ({ handle, email, active })
await see('createSession: handle', login(`${ADA}.${DOMAIN}`), session)
await see('createSession: e-mail', login(`${ADA}@example.com`), session)
await see('createSession: DID', login(ada.did), session)
await see('createSession: wrong password', login(ada.did, 'wrong'))
await see('createSession: unknown', login(`nobody-${RUN}.${DOMAIN}`))

// Reading accounts
await see('getAccountInfos', () => admin.getAccountInfos({ dids: [ada.did, `did:plc:${'a'.repeat(24)}`, grace.did] }, asAdmin), ({ infos }) => ({
  both: [ada, grace].every(({ did }) => infos.some((info) => info.did === did)),
  count: infos.length,
  shape: shape(infos[0]),
}))
await see('getAccountInfos: not admin', () => admin.getAccountInfos({ dids: [ada.did] }))
await see('getAccountInfo', () => admin.getAccountInfo({ did: ada.did }, asAdmin), ({ handle, email }) => ({ handle, email }))
await see('getAccountInfo: unknown', () => admin.getAccountInfo({ did: `did:plc:${'a'.repeat(24)}` }, asAdmin))
await see('getSubjectStatus', () => admin.getSubjectStatus({ did: ada.did }, asAdmin))

// Repositories and handles
await see('listRepos', async () => {
  let cursor
  for (;;) {
    const { data } = await sync.listRepos({ limit: 500, cursor })
    const found = data.repos.find((repo) => repo.did === ada.did)
    if (found || data.repos.length === 0) return { data: { found, cursor: data.cursor } }
    cursor = data.cursor
  }
}, ({ found, cursor }) => ({ active: found.active, shape: shape(found), cursor: typeof cursor }))
await see('listRepos: one', () => sync.listRepos({ limit: 1 }), ({ repos, cursor }) => ({ count: repos.length, cursor: typeof cursor }))
await see('getRepoStatus', () => sync.getRepoStatus({ did: ada.did }), ({ did, active, rev }) => ({ did, active, rev: typeof rev }))
await see('getRepoStatus: unknown', () => sync.getRepoStatus({ did: `did:plc:${'a'.repeat(24)}` }))
await see('resolveHandle', () => identity.resolveHandle({ handle: `${ADA}.${DOMAIN}` }), ({ did }) => did === ada.did)
await see('resolveHandle: unknown', () => identity.resolveHandle({ handle: `nobody-${RUN}.${DOMAIN}` }))

// Changes by the administrator
const rename = (did, handle) => () => admin.updateAccountHandle({ did, handle: `${handle}.${DOMAIN}` }, asAdminJson)
await see('updateAccountHandle', rename(ada.did, `aal-${RUN}`), () => 'done')
await see('updateAccountHandle: resolves', () => identity.resolveHandle({ handle: `aal-${RUN}.${DOMAIN}` }), ({ did }) => did === ada.did)
await see('updateAccountHandle: taken', rename(ada.did, GRACE))
await see('updateAccountHandle: too short', rename(ada.did, '43'))
await see('updateAccountHandle: unknown DID', rename(`did:plc:${'a'.repeat(24)}`, `nobody-${RUN}`))
const repass = (did, password) => () => admin.updateAccountPassword({ did, password }, asAdminJson)
await see('updateAccountPassword', repass(ada.did, 'difference-engine'), () => 'done')
await see('updateAccountPassword: new one', login(ada.did, 'difference-engine'), ({ handle }) => handle)
await see('updateAccountPassword: old one', login(ada.did))
await see('updateAccountPassword: unknown DID', repass(`did:plc:${'a'.repeat(24)}`, 'difference-engine'), () => 'done')

// Taken down: logins and handles look gone, the account is not.
const takedown = (applied) => () => admin.updateSubjectStatus({
  subject: { $type: 'com.atproto.admin.defs#repoRef', did: grace.did }, takedown: { applied },
}, asAdminJson)
await see('takedown', takedown(true), ({ takedown: { applied } }) => applied)
await see('takedown: login', login(grace.did))
await see('takedown: login with the wrong password', login(grace.did, 'wrong'))
await see('takedown: getRepoStatus', () => sync.getRepoStatus({ did: grace.did }), ({ active, status }) => ({ active, status }))
await see('takedown: resolveHandle', () => identity.resolveHandle({ handle: `${GRACE}.${DOMAIN}` }))
await see('takedown: undone', takedown(false), ({ takedown: { applied } }) => applied)

await see('deleteAccount', () => admin.deleteAccount({ did: grace.did }, asAdminJson), () => 'done')
await see('deleteAccount: again', () => admin.deleteAccount({ did: grace.did }, asAdminJson), () => 'done')
await see('deleteAccount: gone', () => admin.getAccountInfo({ did: grace.did }, asAdmin))

console.log(JSON.stringify(seen, null, 1))
