// One real service for the integration tests: a PLC directory, a PDS or a mongod, told by one JSON argument.
// It prints one line of JSON when it is ready and lives until its stdin closes: the end of the test
// process closes that pipe however the test process ends, so nothing is left running.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'

const told = JSON.parse(process.argv[2])

// What has to go with this process, the last first.
const endings = []
let ended = false

async function end(code) {
  if (ended) return
  ended = true
  for (const ending of endings.reverse()) await ending()
  process.exit(code)
}

process.stdin.on('end', () => end(0)).on('close', () => end(0)).on('error', () => end(0)).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))
process.on('exit', () => end(1))
process.on('uncaughtException', (error) => {
  console.error(error)
  end(1)
})

// express listens on every interface when it is given only a port. These services have known passwords.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest)
}

function ready(url, pid = process.pid) {
  console.log(JSON.stringify({ url, pid }))
}

const urlOf = (server) => `http://127.0.0.1:${server.address().port}`

const services = { plc, pds, mongod }

async function plc() {
  const { Database, PlcServer } = packages()('@did-plc/server')
  // The mock is the directory's own in-memory database: every rule of the directory holds, nothing is stored.
  ready(urlOf(await PlcServer.create({ db: Database.mock(), port: told.port ?? 0 }).start()))
}

async function pds() {
  mkdirSync(told.dataDir, { recursive: true })
  endings.push(() => rmSync(told.dataDir, { recursive: true, force: true }))
  Object.assign(process.env, {
    LOG_ENABLED: 'false',
    PDS_HOSTNAME: 'at.aesthetic.computer',
    PDS_SERVICE_HANDLE_DOMAINS: '.at.aesthetic.computer',
    PDS_PORT: String(told.port ?? 0),
    PDS_DATA_DIRECTORY: told.dataDir,
    PDS_BLOBSTORE_DISK_LOCATION: path.join(told.dataDir, 'blobs'),
    PDS_DID_PLC_URL: told.plcUrl,
    PDS_ADMIN_PASSWORD: told.adminPassword,
    // Fixed, so that a PDS started again on the same data can still sign for its accounts.
    PDS_JWT_SECRET: '8f2c0d51b7e94a36a1c4d3e2f5061728',
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: '3ee68ca4a7d9f9c8e4c1b2a59687706f5e4d3c2b1a0f9e8d7c6b5a4938271605',
    PDS_DEV_MODE: 'true',
    PDS_INVITE_REQUIRED: 'true',
    // Nobody listens there: what would be proxied to the application view has to fail at once.
    PDS_BSKY_APP_VIEW_URL: 'http://127.0.0.1:1',
    PDS_BSKY_APP_VIEW_DID: 'did:web:localhost',
    PDS_CRAWLERS: '',
    ...told.env,
  })
  const { PDS, envToCfg, envToSecrets, readEnv } = packages()('@atproto/pds')
  const env = readEnv()
  const server = await PDS.create(envToCfg(env), envToSecrets(env))
  ready(urlOf(await server.start()))
}

async function mongod() {
  mkdirSync(told.dbpath, { recursive: true })
  endings.push(() => rmSync(told.dbpath, { recursive: true, force: true }))
  // A port that was free a moment ago may be taken by the time mongod binds it: then another one.
  for (let tries = told.port ? 1 : 5; tries > 0; tries--) {
    const port = told.port ?? (await freePort())
    const child = startMongod(port)
    if (await listening(port, child)) {
      child.on('exit', () => end(1))
      return ready(`mongodb://127.0.0.1:${port}`, child.pid)
    }
  }
  console.error(readFileSync(path.join(told.dbpath, 'mongod.log'), 'utf8').split('\n').slice(-15).join('\n'))
  end(1)
}

function startMongod(port) {
  const child = spawn(told.program, [
    '--dbpath', told.dbpath, '--logpath', path.join(told.dbpath, 'mongod.log'), '--logappend',
    '--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket',
    ...(told.auth ? ['--auth'] : ['--replSet', 'rs0']), '--oplogSize', '64', '--wiredTigerCacheSizeGB', '0.25',
    '--setParameter', 'diagnosticDataCollectionEnabled=false',
    // The fail point `failCommand`, with which a test makes one command of one client fail.
    '--setParameter', 'enableTestCommands=1',
  ], { stdio: 'ignore' })
  // SIGKILL, because the data goes with it: there is nothing to write down first.
  endings.push(() => new Promise((resolve) => {
    if (over(child)) return resolve()
    // Waited for: nobody else would collect it, and it writes into the folder until it is gone.
    child.once('exit', resolve)
    child.kill('SIGKILL')
  }))
  child.on('error', (error) => console.error(String(error)))
  return child
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject)
    server.listen(0, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

// A program that could not be run has no process number.
const over = (child) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined

// True when mongod takes connections, false when it ended before it did.
function listening(port, child) {
  return new Promise((resolve) => {
    const attempt = () => {
      if (over(child)) return resolve(false)
      const socket = net.connect(port, '127.0.0.1')
      socket.on('connect', () => resolve(socket.destroy() && true))
      socket.on('error', () => setTimeout(attempt, 20))
    }
    attempt()
  })
}

// The packages lie in a cache outside the checkout, where an `import` of this file would not look.
function packages() {
  return createRequire(path.join(told.packages, 'package.json'))
}

services[told.service]().catch((error) => {
  console.error(error)
  end(1)
})
