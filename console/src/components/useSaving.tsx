import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';

/** Saves something, says so, and has what shows it read again. */
export function useSaving<T>(save: (value: T) => Promise<unknown>, keys: QueryKey[], message = 'Saved.') {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: save,
    onSuccess: () => void notifications.show({ message }),
    // Of what failed a part may have been done.
    onSettled: () => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
