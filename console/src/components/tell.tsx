import { notifications } from '@mantine/notifications';
import { Problem } from './Problem';

/** Says that something failed, as pages do: with the request's id, and the way to why. It stays until it is closed. */
export function tellProblem(error: unknown, title = 'This did not work') {
  notifications.show({ color: 'red', autoClose: false, title, message: <Problem error={error} isBare /> });
}
