import { notifications } from '@mantine/notifications';
import { stopWatching } from '../api/jobs';
import { failures } from '../components/failures';

/** Takes away what this page has told, and has begun to watch, for whoever was signed in: it names their files, and whoever signs in next is not meant. */
export function forgetTold() {
  notifications.clean();
  failures.show(null);
  stopWatching();
}
