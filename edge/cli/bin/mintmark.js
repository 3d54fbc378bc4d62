#!/usr/bin/env node
// In the tree before anything is built, so that npm links the command on a fresh clone too.
import '../dist/main.js'
