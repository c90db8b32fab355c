// The recipe of pkg-template/docs/libraries.md, which is written beside this folder.
import { Countdown, Live } from '../live';

export default function Page() {
  return (
    <Live>
      <Countdown />
    </Live>
  );
}
