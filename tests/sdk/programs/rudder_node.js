// The whole protocol through @rudderstack/rudder-sdk-node: HOST KEY GZIP USER.
const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
const [dataPlaneUrl, writeKey, gzip, userId] = process.argv.slice(2)
const client = new RudderAnalytics(writeKey, { dataPlaneUrl, gzip: gzip === 'gzip', flushAt: 20, retryCount: 2 })
client.identify({ userId, traits: { email: 'jane@example.com', plan: 'gold' } })
client.track({ userId, event: 'Order Completed', properties: { total: 9.5 }, timestamp: new Date('2020-02-01T10:00:00Z') })
client.page({ userId, category: 'Docs', name: 'Home', properties: { url: '/' } })
client.screen({ userId, category: 'App', name: 'Start' })
client.group({ userId, groupId: 'acme', traits: { name: 'Acme' } })
client.alias({ userId, previousId: 'visitor-1' })
client.track({ anonymousId: 'visitor-1', event: 'Viewed' })
client.flush((error) => {
  if (error) { console.error(String(error)); process.exit(1) }
  process.exit(0)
})
