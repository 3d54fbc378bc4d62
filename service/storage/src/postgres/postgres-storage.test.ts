import { after, before, describe } from 'node:test'
import { storageContract } from '../storage-contract.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

describe('PostgreSQL', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)
  storageContract('postgres', postgres.create)
})
