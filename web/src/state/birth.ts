/* birth — where connections are made. Chromium binds the sockets of a page that may use camera or microphone to this
 * device's addresses, and they die with the address: from Wi-Fi to mobile such a page is silent for two seconds, until
 * the browser has looked at its interfaces anew. Sockets of a page that may use neither are bound to no address and live
 * on. So connections are made in a frame that may use neither; the page's own tracks go through them all the same. */

type Realm = Window & typeof globalThis;
type Policed = Document & { readonly featurePolicy?: { allowsFeature(name: string): boolean } };

const NEITHER = "camera 'none'; microphone 'none'";
let frame: HTMLIFrameElement | null = null;

/** The frame's world; null where the browser (all but Chromium) does not say that neither may be used there. */
function realm(): Realm | null {
  if (!('featurePolicy' in document)) return null;
  if (!frame?.isConnected) {
    frame = document.createElement('iframe');
    frame.allow = NEITHER;
    frame.hidden = true;
    frame.setAttribute('aria-hidden', 'true');
    document.documentElement.append(frame);
  }
  const policy = (frame.contentDocument as Policed | null)?.featurePolicy;
  if (!policy || policy.allowsFeature('camera') || policy.allowsFeature('microphone')) return null;
  return frame.contentWindow as Realm | null;
}

export function newConnection(config: RTCConfiguration): RTCPeerConnection {
  const Made = realm()?.RTCPeerConnection ?? RTCPeerConnection;
  return new Made(config);
}
