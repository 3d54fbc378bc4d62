import type { EmailEntry, GroupEntry, UserEntry } from './domain-document.ts'
import { readKept, readNames, readRolesOnly, requireText } from './read-entry.ts'
import { isText, readFields, readFlag, readItems, readText, type Value } from './yaml-node.ts'

const userFields = [
  'userName',
  'displayName',
  'externalId',
  'active',
  'name',
  'emails',
  'access',
  'attributes',
]

const readEmail = (value: Value): readonly EmailEntry[] => {
  if (isText(value)) return [{ value: readText(value) ?? '', type: null, primary: false }]
  const fields = readFields(value, ['value', 'type', 'primary'])
  if (fields === null) return []
  const address = requireText(fields, 'value', value)
  const primary = readFlag(fields.get('primary')) ?? false
  return [{ value: address, type: readText(fields.get('type')), primary }]
}

/** One entry of `users:`. */
export const readUser = (value: Value): readonly UserEntry[] => {
  const fields = readFields(value, userFields)
  if (fields === null) return []
  return [
    {
      at: fields.get('userName')?.at ?? value.at,
      path: value.path,
      userName: requireText(fields, 'userName', value),
      displayName: readText(fields.get('displayName')),
      externalId: readText(fields.get('externalId')),
      active: readFlag(fields.get('active')),
      name: readKept(fields.get('name')),
      emails: readItems(fields.get('emails')).flatMap(readEmail),
      access: readItems(fields.get('access')).flatMap(readRolesOnly),
      attributes: readKept(fields.get('attributes')),
    },
  ]
}

const groupFields = ['name', 'externalId', 'users', 'applications', 'access', 'attributes']

/** One entry of `groups:`. */
export const readGroup = (value: Value): readonly GroupEntry[] => {
  const fields = readFields(value, groupFields)
  if (fields === null) return []
  return [
    {
      at: fields.get('name')?.at ?? value.at,
      path: value.path,
      name: requireText(fields, 'name', value),
      externalId: readText(fields.get('externalId')),
      users: readNames(fields.get('users')),
      applications: readNames(fields.get('applications')),
      access: readItems(fields.get('access')).flatMap(readRolesOnly),
      attributes: readKept(fields.get('attributes')),
    },
  ]
}
