// The example of pkg-template/hosts.md, which is written beside this page.
import { Countdown } from './countdown.jsx';

export default function Page() {
  return <Countdown />;
}
