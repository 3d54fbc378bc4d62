/** What is so of an attribute. */
export interface AttributeFact {
  /** Name, or name and sub-attribute with a dot between; the URN of an extension. */
  readonly path: string
  readonly type: string
  readonly isMany: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'default' | 'request' | 'never'
  readonly isRequired: boolean
  readonly isUnique: boolean
  /** null: nothing is said, or it is no text. */
  readonly isExact: boolean | null
  readonly isSearchable: boolean
  readonly isExtension: boolean
  /** Refused here wherever it is sent. */
  readonly isRefused: boolean
  /** Never has a value here. */
  readonly isValueless: boolean
  /** Passed over where a PUT says something else. */
  readonly isPassedOver: boolean
  /** Stays what it is where a PATCH removes it. */
  readonly isStaying: boolean
  /** A part of it is returned always, and so there is always something of it. */
  readonly hasConstantPart: boolean
  /** Tested by hand, for a reason of the test's own. */
  readonly isApart: boolean
}

/**
 * What the published SDK for identity domains says of every attribute of the resources that are
 * served here. A line gives, before its colon, type (with `[]`: several values), mutability, when
 * it is returned, and what else holds: `required`, `unique`, `exact` or `folded` (whether case
 * counts), `searchable`; `-` where nothing is said. After the colon stand the names; a line that
 * begins with blanks goes on with them.
 */
export const attributeFacts = {
  common: `
string readOnly always unique folded searchable: id
string immutable default unique exact searchable: ocid
string[] readWrite default required folded: schemas
complex - -: meta idcsCreatedBy idcsLastModifiedBy
string[] readOnly request: idcsPreventedOperations
complex[] readWrite request searchable: tags
boolean readOnly default searchable: deleteInProgress
string readOnly request folded: idcsLastUpgradedInRelease
string readOnly default folded: domainOcid compartmentOcid tenancyOcid meta.resourceType
    meta.location meta.version idcsCreatedBy.type idcsLastModifiedBy.type
dateTime readOnly default searchable: meta.created meta.lastModified
string readOnly default required exact searchable: idcsCreatedBy.value idcsLastModifiedBy.value
reference readOnly default exact: idcsCreatedBy.$ref idcsLastModifiedBy.$ref
string readOnly default exact: idcsCreatedBy.display idcsLastModifiedBy.display
string readOnly default exact searchable: idcsCreatedBy.ocid idcsLastModifiedBy.ocid
string readWrite default required folded searchable: tags.key tags.value
  `,
  App: `
boolean readOnly always: meterAsOPCService
string immutable default unique folded searchable: name
string readOnly default folded: clientSecret callbackServiceUrl certificates.sha1Thumbprint
    certificates.kid certificates.x5t grantedAppRoles.display grantedAppRoles.appId
string readOnly request: hashedClientSecret
string readWrite always required unique folded searchable: displayName
string readWrite default folded searchable: description serviceTypeURN serviceTypeVersion
string readWrite default folded: idTokenEncAlgo clientType logoutUri audience loginPageUrl
    linkingCallbackUrl logoutPageUrl errorPageUrl scopes.description scopes.displayName
string[] readWrite default exact: delegatedServiceNames
boolean readWrite default searchable: active isLoginTarget showInMyApps isFormFill isOAuthClient
    isRadiusApp allUrlSchemesAllowed allowAccessControl isOAuthResource allowOffline
    isMobileTarget isSamlServiceProvider isWebTierPolicy isKerberosRealm isObligationCapable
    isEnterpriseApp
string readWrite request: appIcon appThumbnail
boolean readOnly default searchable: migrated infrastructure isOPCService isManagedApp
    readyToUpgrade
string readWrite default exact searchable: loginMechanism
string readWrite default: landingPageUrl productLogoUrl privacyPolicyUrl termsOfServiceUrl
    contactEmailAddress productName homePageUrl serviceParams.value attrRenderingMetadata.label
    attrRenderingMetadata.helptext attrRenderingMetadata.widget attrRenderingMetadata.datatype
    attrRenderingMetadata.section attrRenderingMetadata.regexp
string[] readWrite default folded: redirectUris postLogoutRedirectUris secondaryAudiences
string[] readWrite default exact searchable: allowedGrants allowedOperations
string readWrite default exact: clientIPChecking trustScope
boolean immutable default searchable: isUnmanagedApp isMulticloudServiceApp
integer readWrite default: accessTokenExpiry refreshTokenExpiry attrRenderingMetadata.order
    attrRenderingMetadata.minLength attrRenderingMetadata.maxLength
    attrRenderingMetadata.minSize attrRenderingMetadata.maxSize
reference readWrite default: icon
boolean immutable always searchable: isAliasApp
boolean readOnly - searchable: isDatabaseService
boolean readWrite default: bypassConsent scopes.requiresConsent attrRenderingMetadata.required
    attrRenderingMetadata.readOnly attrRenderingMetadata.visible
boolean readWrite always: disableKmsiTokenAuthentication
complex - -: radiusPolicy termsOfUse idpPolicy appSignonPolicy signonPolicy basedOnTemplate
    samlServiceProvider asOPCService
complex[] readWrite default: appsNetworkPerimeters protectableSecondaryAudiences certificates
complex[] readOnly request: cloudControlProperties editableAttributes adminRoles userRoles
complex[] readWrite default searchable: allowedTags trustPolicies allowedScopes aliasApps scopes
complex[] readWrite request: identityProviders
complex[] readOnly request searchable: accounts grants
complex[] readWrite always: serviceParams
complex[] immutable default: attrRenderingMetadata
complex[] readOnly default searchable: grantedAppRoles
extension: urn:ietf:params:scim:schemas:oracle:idcs:extension:radiusApp:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:samlServiceProvider:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:webTierPolicy:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:managedapp:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:formFillAppTemplate:AppTemplate
    urn:ietf:params:scim:schemas:oracle:idcs:extension:opcService:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:kerberosRealm:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:requestable:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:formFillApp:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:dbcs:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:enterpriseApp:App
    urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags
    urn:ietf:params:scim:schemas:oracle:idcs:extension:multicloudServiceApp:App
string immutable always required exact searchable: basedOnTemplate.value
reference readOnly default: basedOnTemplate.$ref grants.$ref trustPolicies.$ref adminRoles.$ref
    userRoles.$ref
dateTime readOnly default searchable: basedOnTemplate.lastModified
string immutable default folded searchable: basedOnTemplate.wellKnownId
string readWrite default required exact searchable: scopes.value allowedScopes.fqs
    trustPolicies.value
string readOnly default unique exact searchable: scopes.fqs
boolean readOnly request: scopes.readOnly grantedAppRoles.readOnly allowedTags.readOnly
    protectableSecondaryAudiences.readOnly
string readOnly default exact searchable: allowedScopes.idOfDefiningApp grants.value
    grants.granteeId grants.granteeType grants.grantMechanism
boolean readOnly default: allowedScopes.readOnly grantedAppRoles.adminRole
string readWrite always required folded searchable: certificates.certAlias
binary readOnly default folded: certificates.x509Base64Certificate
string readOnly default required exact searchable: grantedAppRoles.value
reference readOnly default folded: grantedAppRoles.$ref
string readOnly default: grantedAppRoles.type grantedAppRoles.appName
    grantedAppRoles.legacyGroupName adminRoles.display adminRoles.description userRoles.display
    userRoles.description
string readWrite default required folded searchable: allowedTags.key allowedTags.value
string readWrite default required: serviceParams.name
string readWrite default required folded: protectableSecondaryAudiences.value
string readWrite always required exact searchable: appsNetworkPerimeters.value
reference readOnly default exact: appsNetworkPerimeters.$ref
string readWrite default required exact: attrRenderingMetadata.name
string readOnly default required: adminRoles.value userRoles.value
  `,
  AppRole: `
string immutable always required folded searchable: displayName
string readOnly always unique: uniqueName
string readWrite default folded searchable: description
string immutable default unique folded searchable: legacyGroupName
boolean immutable default searchable: adminRole availableToUsers availableToGroups
    availableToClients
boolean readOnly default: limitedToOneOrMoreGroups
boolean readWrite default searchable: public
string readOnly request folded: localizedDisplayName
complex - -: app
complex[] readOnly request searchable: members
string immutable always required exact searchable: app.value
reference readOnly default: app.$ref members.$ref
string readOnly always searchable: app.display
string readOnly default folded searchable: app.name
string readOnly default searchable: app.serviceInstanceIdentifier
string readWrite always required exact searchable: members.value
string readOnly default: members.display
string readWrite default required exact searchable: members.type
  `,
  Grant: `
string immutable default required exact searchable: grantMechanism app.value
    entitlement.attributeValue grantee.value grantee.type
string readOnly request unique exact searchable: compositeKey
boolean readOnly default searchable: isFulfilled
string readWrite default: grantedAttributeValuesJson
complex - -: appEntitlementCollection grantor grantee app entitlement
reference readOnly default: app.$ref grantee.$ref grantor.$ref
string readOnly request searchable: app.display
string immutable default required folded searchable: entitlement.attributeName
string readOnly request: grantee.display grantor.display
string readOnly default exact searchable: grantor.value
string readOnly default required exact searchable: grantor.type
  `,
  OAuthClientCertificate: `
string readWrite default folded: externalId
string - always folded: keyStoreName map
string - never exact: keyStorePassword
string - never exact searchable: keyStoreId
string readWrite always required folded searchable: certificateAlias
string - default exact searchable: sha1Thumbprint sha256Thumbprint
dateTime readWrite default: certStartDate certEndDate
string readWrite default required exact: x509Base64Certificate
  `,
  OAuthPartnerCertificate: `
string readWrite default folded: externalId
string - always folded: keyStoreName map
string - never exact: keyStorePassword
string - never exact searchable: keyStoreId
string readWrite always required folded searchable: certificateAlias
string - default exact searchable: sha1Thumbprint sha256Thumbprint
dateTime readWrite default: certStartDate certEndDate
string readWrite default exact: x509Base64Certificate
  `,
  User: `
string readWrite default folded searchable: externalId displayName nickName title userType
    locale preferredLanguage timezone
string readWrite always required unique folded searchable: userName
string readWrite default folded: description
reference readWrite default folded searchable: profileUrl
boolean readWrite default searchable: active
string writeOnly never: password
complex - -: name
complex[] readWrite default: emails phoneNumbers ims photos addresses entitlements roles
    x509Certificates
complex[] readOnly request searchable: groups
extension: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:passwordState:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:posix:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:kerberosUser:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:adaptive:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:sff:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:securityQuestions:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:selfRegistration:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:socialAccount:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:dbUser:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:termsOfUse:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:passwordless:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags
    urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:dbCredentials:User
    urn:ietf:params:scim:schemas:oracle:idcs:extension:selfChange:User
  `,
  Group: `
string readWrite default folded searchable: externalId
string readWrite always required unique folded searchable: displayName
string readWrite always folded searchable: nonUniqueDisplayName
complex[] readWrite request searchable: members
extension: urn:ietf:params:scim:schemas:oracle:idcs:extension:group:Group
    urn:ietf:params:scim:schemas:oracle:idcs:extension:posix:Group
    urn:ietf:params:scim:schemas:oracle:idcs:extension:requestable:Group
    urn:ietf:params:scim:schemas:oracle:idcs:extension:dbcs:Group
    urn:ietf:params:scim:schemas:oracle:idcs:extension:dynamic:Group
    urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags
  `,
  Setting: `
string readWrite default folded: externalId preferredLanguage timezone locale subMappingAttr
    issuer termsOfUseUrl privacyPolicyUrl customHtmlLocation customCssLocation customTranslation
    cloudMigrationCustomUrl
string[] readWrite default folded: contactEmails allowedDomains
    allowedForgotPasswordFlowReturnUrls allowedNotificationRedirectUrls
boolean readWrite default: customBranding diagnosticRecordForSearchIdentifiesReturnedResources
    reAuthWhenChangingMyAuthenticationFactors signingCertPublicAccess accountAlwaysTrustScope
    enableTermsOfUse isHostedPage cloudMigrationUrlEnabled serviceAdminCannotListOtherUsers
string[] readWrite default: reAuthFactor
string readWrite default required: csrAccess
string readWrite default: defaultTrustScope
string readWrite request folded: prevIssuer
integer readWrite default: diagnosticLevel auditEventRetentionPeriod
    maxNoOfAppRoleMembersToReturn maxNoOfAppCMVAToReturn iamUpstSessionExpiry
dateTime readOnly default: diagnosticTracingUpto
string readOnly default exact: migrationStatus
boolean readOnly default: onPremisesProvisioning
string readOnly default folded: cloudAccountName
complex - -: cloudGateCorsSettings certificateValidation
complex[] readWrite default: tenantCustomClaims purgeConfigs companyNames loginTexts images
complex[] readOnly default: defaultCompanyNames defaultLoginTexts defaultImages
  `,
} as const
