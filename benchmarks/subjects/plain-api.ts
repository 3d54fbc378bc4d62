/** An API that checks nothing: what a proxy stands before. */
import { createServer } from 'node:http'
import { serve } from './serve.ts'

const body = JSON.stringify({ orders: Array.from({ length: 20 }, (_, at) => at) })
const headers = { 'content-type': 'application/json', 'content-length': body.length }

serve(1, () => createServer((_, response) => response.writeHead(200, headers).end(body)))
