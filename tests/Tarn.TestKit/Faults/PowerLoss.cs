namespace Tarn.TestKit.Faults;

/// <summary>
/// What a power cut may leave of a directory whose calls were recorded: everything that a sync covered, and of the rest whatever chance decides. Writes
/// that were not synced are lost, torn between sectors, or kept while earlier ones are lost; the same holds for names, of which only a sync of their
/// directory makes sure. Real file systems keep more: a disk image here is nearly the worst that POSIX allows. One thing is taken for granted, as RocksDB does when it
/// names a new manifest in CURRENT: a rename that is kept was preceded by the earlier changes of names in its directory.
/// </summary>
public sealed class PowerLoss
{
    private const int Sector = 512;
    private const int Create = 0x40; // O_CREAT
    private const int Truncate = 0x200; // O_TRUNC
    private const string Root = ".";

    private readonly IReadOnlyList<FaultEvent> _events;
    private readonly byte[] _bytes;

    /// <param name="faults">A recording that began with an empty directory and kept the bytes of writes.</param>
    public PowerLoss(FaultInjection faults)
    {
        _events = faults.ReadJournal();
        _bytes = faults.ReadBytes();
    }

    /// <summary>What becomes of what no sync covered.</summary>
    private enum Fate
    {
        /// <summary>All of it is lost.</summary>
        Lost,

        /// <summary>Names change in their order, as in a journal; data by chance.</summary>
        NamesInOrder,

        /// <summary>Names and data by chance, in any order.</summary>
        AnyOrder,
    }

    /// <summary>Writes the directory as it may be when the power is cut at one point of the recording.</summary>
    /// <param name="target">Where to; must not exist.</param>
    /// <param name="point">A position as in <see cref="FaultInjection.Position"/>.</param>
    /// <param name="seed">Decides what is lost.</param>
    public void Restore(string target, long point, int seed)
    {
        var random = new Random(seed);
        var fate = (Fate)random.Next(3);
        var run = new Run(point, random);
        foreach (var call in _events.Where(e => e.Began <= point && e is { Error: 0, Result: >= 0, Path: not "" }))
        {
            run.Play(call);
        }

        System.IO.Directory.CreateDirectory(target);
        foreach (var (path, node) in run.Names(fate))
        {
            var at = Path.Combine(target, path);
            if (node.IsDirectory)
            {
                System.IO.Directory.CreateDirectory(at);
                continue;
            }

            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(at)!);
            File.WriteAllBytes(at, node.Content(_bytes, fate, random));
        }
    }

    private static string Parent(string path) => Path.GetDirectoryName(path) is { Length: > 0 } above ? above : Root;

    /// <summary>One change of a file's content: a write, or a new length where <paramref name="At"/> is negative.</summary>
    private sealed record Change(long Ended, long Offset, long Length, long At)
    {
        public bool IsSynced { get; set; }
    }

    /// <summary>One change of names: <paramref name="Path"/> is created, or removed where <paramref name="Node"/> is null; a rename also removes <paramref name="From"/>.</summary>
    private sealed record Naming(long Ended, string Path, string? From, Node? Node)
    {
        public bool IsSynced { get; set; }
    }

    private sealed class Node(bool isDirectory)
    {
        public bool IsDirectory { get; } = isDirectory;

        public List<Change> Changes { get; } = [];

        /// <summary>Bytes, where nothing is lost.</summary>
        public long Length { get; private set; }

        public void Add(Change change)
        {
            Changes.Add(change);
            Length = change.At < 0 ? change.Length : Math.Max(Length, change.Offset + change.Length);
        }

        public byte[] Content(byte[] bytes, Fate fate, Random random)
        {
            var content = new byte[Changes.Select(c => c.Offset + c.Length).DefaultIfEmpty().Max()];
            long length = 0;
            foreach (var change in Changes)
            {
                var luck = change.IsSynced ? 0 : fate == Fate.Lost ? 1 : random.Next(3);
                if (luck == 1)
                {
                    continue;
                }

                if (change.At < 0)
                {
                    Array.Clear(content, (int)Math.Min(change.Length, length), (int)Math.Max(0, length - change.Length));
                    length = change.Length;
                    continue;
                }

                for (var done = 0L; done < change.Length;)
                {
                    var part = Math.Min(change.Length - done, Sector - ((change.Offset + done) % Sector));
                    if (luck == 0 || random.Next(2) == 0)
                    {
                        Array.Copy(bytes, change.At + done, content, change.Offset + done, part);
                        length = Math.Max(length, change.Offset + done + part);
                    }

                    done += part;
                }
            }

            return content[..(int)length];
        }
    }

    /// <summary>The calls up to the cut, played in their order.</summary>
    private sealed class Run(long point, Random random)
    {
        private readonly Dictionary<string, Node> _now = new() { [Root] = new Node(isDirectory: true) };
        private readonly List<Naming> _names = [];

        public void Play(FaultEvent call)
        {
            var isOver = call.Ended <= point;
            if (call.Call is "fsync" or "fdatasync")
            {
                // One that was cut off is not known to have done anything.
                if (isOver)
                {
                    Sync(call);
                }
            }
            else if (isOver || random.Next(2) == 0)
            {
                Change(call);
            }
        }

        /// <summary>The names that are left.</summary>
        public Dictionary<string, Node> Names(Fate fate)
        {
            var last = _names.FindLastIndex(n => n.IsSynced);
            var cut = random.Next(last + 1, _names.Count + 1);
            var left = new Dictionary<string, Node>();
            var kept = _names.Select((n, i) => n.IsSynced || fate switch
            {
                Fate.NamesInOrder => i < cut,
                Fate.AnyOrder => random.Next(2) == 0,
                _ => false,
            }).ToArray();
            KeepBeforeRenames(kept);
            for (var i = 0; i < _names.Count; i++)
            {
                if (!kept[i])
                {
                    continue;
                }

                var (_, path, from, node) = _names[i];
                if (from is not null && left.GetValueOrDefault(from) == node)
                {
                    left.Remove(from);
                }

                if (node is null)
                {
                    left.Remove(path);
                }
                else
                {
                    left[path] = node;
                }
            }

            return left;
        }

        private void KeepBeforeRenames(bool[] kept)
        {
            var inOrder = new HashSet<string>();
            for (var i = kept.Length - 1; i >= 0; i--)
            {
                kept[i] |= inOrder.Contains(Parent(_names[i].Path));
                if (kept[i] && !_names[i].IsSynced && _names[i].From is not null)
                {
                    inOrder.Add(Parent(_names[i].Path));
                }
            }
        }

        private void Sync(FaultEvent call)
        {
            if (!_now.TryGetValue(call.Path, out var node))
            {
                return;
            }

            foreach (var change in node.Changes.Where(c => c.Ended < call.Began))
            {
                change.IsSynced = true;
            }

            foreach (var naming in _names.Where(n => n.Ended < call.Began && (Parent(n.Path) == call.Path || (n.From is { } from && Parent(from) == call.Path))))
            {
                naming.IsSynced = true;
            }
        }

        private void Change(FaultEvent call)
        {
            switch (call.Call)
            {
                case "open" when call.Offset >= 0: // the flags; streams, which RocksDB's log for people is written by, have none
                    Open(call, (int)call.Offset);
                    break;
                case "mkdir":
                    Name(call, call.Path, null, new Node(isDirectory: true));
                    break;
                case "write" when _now.TryGetValue(call.Path, out var node):
                    if (call.Data < 0)
                    {
                        throw new InvalidOperationException($"A write to {call.Path} was recorded without its bytes.");
                    }

                    node.Add(new Change(call.Ended, call.Offset >= 0 ? call.Offset : node.Length, call.Result, call.Data));
                    break;
                case "truncate" when _now.TryGetValue(call.Path, out var node):
                    node.Add(new Change(call.Ended, 0, call.Length, -1));
                    break;
                case "rename" when _now.TryGetValue(call.Path, out var node):
                    _now.Remove(call.Path);
                    Name(call, call.Other, call.Path, node);
                    break;
                case "link" when _now.TryGetValue(call.Path, out var node):
                    Name(call, call.Other, null, node);
                    break;
                case "unlink" when _now.Remove(call.Path):
                    _names.Add(new Naming(call.Ended, call.Path, null, null));
                    break;
            }
        }

        private void Open(FaultEvent call, int flags)
        {
            if (!_now.TryGetValue(call.Path, out var node))
            {
                if ((flags & Create) != 0)
                {
                    Name(call, call.Path, null, new Node(isDirectory: false));
                }
            }
            else if ((flags & Truncate) != 0 && !node.IsDirectory)
            {
                node.Add(new Change(call.Ended, 0, 0, -1));
            }
        }

        private void Name(FaultEvent call, string path, string? from, Node node)
        {
            _now[path] = node;
            _names.Add(new Naming(call.Ended, path, from, node));
        }
    }
}
