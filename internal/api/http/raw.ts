interface Contract {
  responses: object
}

/**
 * A contract for handlers that build the Response themselves, such as one that was stored. Only what the compiler expects
 * of them changes: the document is made from the contract as it is.
 */
export function answeredRaw<C extends Contract>(contract: C) {
  const { responses: _, ...rest } = contract
  return { ...rest, responses: { 200: { description: 'As documented.' } } }
}
