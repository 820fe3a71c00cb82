// The whole protocol through @segment/analytics-node: HOST KEY GZIP USER. It has no gzip of its own.
const { Analytics } = require('@segment/analytics-node')
const [host, writeKey, , userId] = process.argv.slice(2)
const failures = []
const client = new Analytics({ host, writeKey, maxRetries: 2 })
client.on('error', (error) => failures.push(error))
client.identify({ userId, traits: { email: 'jane@example.com', plan: 'gold' } })
client.track({ userId, event: 'Order Completed', properties: { total: 9.5 }, timestamp: new Date('2020-02-01T10:00:00Z') })
client.page({ userId, category: 'Docs', name: 'Home', properties: { url: '/' } })
client.screen({ userId, category: 'App', name: 'Start' })
client.group({ userId, groupId: 'acme', traits: { name: 'Acme' } })
client.alias({ userId, previousId: 'visitor-1' })
client.track({ anonymousId: 'visitor-1', event: 'Viewed' })
client.closeAndFlush({ timeout: 20000 }).then(() => {
  if (failures.length) { console.error(failures); process.exit(1) }
})
