/** A class with the signature of the one of the package `ws`. */
export class WebSocket {
  constructor(
    readonly address: string | URL,
    readonly protocols?: string | string[],
    readonly options?: { readonly maxPayload?: number },
  ) {}
}
