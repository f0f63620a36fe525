using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Mirroring;

/// <summary>
/// Histories of writes and failures by chance: the process dies at any write, sides are lost, come back, are rolled back, empty, not mounted, those of
/// another mirror or damaged. The adversary leaves one side that has everything. Then nothing that was answered is ever lost, no read has a wrong byte,
/// and no start or fill takes anything from a side that has what the other lacks.
/// </summary>
public sealed class MirrorFamilyTests
{
    private const int Steps = 60;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nothing_that_was_answered_is_lost_while_one_good_side_exists(int seed)
    {
        await using var history = new History(seed);
        await history.Mirror.OpenWholeAsync();
        for (int step = 0; step < Steps; step++)
        {
            try
            {
                await history.StepAsync();
            }
            catch (Exception e) when (e is not InvalidOperationException)
            {
                Assert.Fail($"Step {step} of seed {seed}, after\n{string.Join('\n', history.Log)}\n{string.Join('\n', history.Mirror.Events)}\n{e}");
            }
        }

        Assert.True(history.Checks > Steps / 3, "Most steps were refused.");
    }

    private sealed class History(int seed) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, string?> _rows = [];
        private readonly Dictionary<BlobId, byte[]> _blobs = [];
        private readonly List<TestImage>[] _images = [[], []];
        private int _left = int.MaxValue;
        private bool _isOpen = true;

        public TestMirror Mirror { get; } = new();

        public List<string> Log { get; } = [];

        /// <summary>How often all that was answered was read.</summary>
        public int Checks { get; private set; }

        public async Task StepAsync()
        {
            if (!_isOpen)
            {
                await StartAsync();
            }
            else
            {
                switch (_random.Next(14))
                {
                    case < 4:
                        await WriteAsync();
                        break;
                    case 4 or 5:
                        await LoseAsync(_random.Next(2));
                        break;
                    case 6 or 7:
                        await ReturnAsync();
                        break;
                    case 8:
                        await StopAsync(dies: false);
                        break;
                    case 9 or 10:
                        await StopAsync(dies: true);
                        break;
                    default:
                        await DamageAsync(_random.Next(2));
                        break;
                }
            }

            Assert.True(await IsGoodAsync(0) || await IsGoodAsync(1), "No side has everything any more.");
            if (_isOpen)
            {
                await ReadAllAsync();
            }
        }

        public async ValueTask DisposeAsync() => await Mirror.DisposeAsync();

        private async Task WriteAsync()
        {
            for (int i = _random.Next(1, 4); i > 0; i--)
            {
                if (_random.Next(2) == 0)
                {
                    string key = $"row {_random.Next(6)}";
                    string? value = _random.Next(4) == 0 ? null : $"{_random.Next()}";
                    await CommitAsync(key, value);
                }
                else if (_blobs.Count > 4)
                {
                    BlobId old = _blobs.Keys.ElementAt(_random.Next(_blobs.Count));
                    Say($"delete {old}");

                    // From here on it may be gone, whatever the answer.
                    _blobs.Remove(old);
                    await Mirror.Mirror.Blobs.DeleteAsync(old, default);
                }
                else
                {
                    byte[] content = new byte[_random.Next(1, 3000)];
                    _random.NextBytes(content);
                    BlobId id = Mirror.NewBlob();
                    Say($"write {id}");
                    await Mirror.WriteSealedAsync(id, content);
                    _blobs[id] = content;
                }
            }
        }

        private async Task CommitAsync(string key, string? value)
        {
            Say($"commit {key}={value}");
            var batch = new KeyValueBatch();
            _ = value is null ? batch.Delete(TestMirror.Bytes(key)) : batch.Put(TestMirror.Bytes(key), TestMirror.Bytes(value));
            string? before = _rows.GetValueOrDefault(key);

            // Until it is answered, either is right: the next answer of this key decides.
            _rows.Remove(key);
            try
            {
                Assert.True(await Mirror.Mirror.Metadata.CommitAsync(batch, default));
            }
            catch
            {
                _open.Add(key);
                throw;
            }

            _open.Remove(key);
            _rows[key] = value;
        }

        // Keys of which the last write was not answered.
        private readonly HashSet<string> _open = [];

        private async Task LoseAsync(int side)
        {
            Say($"lose {side}");
            if (!Mirror.IsWhole || !await IsGoodAsync(1 - side))
            {
                return;
            }

            _images[side].Add(await Mirror[side].ImageAsync());
            Mirror[side].Broken = new IOException("gone");
            await WriteAsync();
        }

        private async Task ReturnAsync()
        {
            int side = Mirror.Data.Broken is not null ? 0 : 1;
            if (Mirror[side].Broken is null)
            {
                return;
            }

            await ChangeAsync(side);
            Mirror[side].Broken = null;
            Task ended = Task.WhenAny(Mirror.WhenAsync("filled"), Mirror.WhenAsync("fill failed"));
            Mirror.Mirror.Retry();
            await ended.WaitAsync(TimeSpan.FromMinutes(1));
            Say($"{side} is back: {Mirror.Events[^1]}");
        }

        /// <summary>Ends the process, perhaps in the middle of writes.</summary>
        private async Task StopAsync(bool dies)
        {
            Say($"stop, dies={dies}");
            if (dies)
            {
                _left = _random.Next(12);
                Mirror.Data.BeforeChange = Mirror.Other.BeforeChange = _ => Interlocked.Decrement(ref _left) < 0 ? throw new InjectedCrashException("before") : Task.CompletedTask;
                Mirror.Data.AfterChange = Mirror.Other.AfterChange = _ => Volatile.Read(ref _left) <= 0 ? throw new InjectedCrashException("after") : Task.CompletedTask;
                try
                {
                    while (true)
                    {
                        await WriteAsync();
                    }
                }
                catch (Exception) when (Volatile.Read(ref _left) <= 0)
                {
                    // What the callers of a dead process get.
                }
            }

            await Mirror.Mirror.DisposeAsync();
            foreach (TestSide side in (TestSide[])[Mirror.Data, Mirror.Other])
            {
                side.Leave();
                side.BeforeChange = side.AfterChange = null;
                side.Broken = null;
            }

            _left = int.MaxValue;
            _isOpen = false;
        }

        private async Task StartAsync()
        {
            int side = _random.Next(2);
            bool isChanged = _random.Next(2) == 0 && await ChangeAsync(side);
            if (!isChanged && _random.Next(3) == 0 && await IsGoodAsync(1 - side))
            {
                Say($"{side} is not mounted");
                Mirror[side].IsUnmounted = true;
            }

            TestImage[] before = [await Mirror.Data.ImageAsync(), await Mirror.Other.ImageAsync()];
            try
            {
                Task ended = Task.WhenAny(Mirror.WhenAsync("filled"), Mirror.WhenAsync("fill failed"));
                await Mirror.OpenAsync();
                _isOpen = true;
                Say($"started: {string.Join(", ", Mirror.Mirror.Status.Select(static status => status.State))}");
                if (!Mirror.IsWhole && Mirror.Mirror.Status.All(static status => status.Cause is null) && _random.Next(4) > 0)
                {
                    await ended.WaitAsync(TimeSpan.FromMinutes(1));
                }
            }
            catch (MirrorRefusedException e)
            {
                // With both sides as they are it starts, unless one of them is not what it was.
                Say($"refused: {e.Message}");
                Assert.True(isChanged || _isOdd || Mirror[side].IsUnmounted, e.Message);
                await AssertUnchangedAsync(before[0], Mirror.Data);
                await AssertUnchangedAsync(before[1], Mirror.Other);
                if (isChanged || _isOdd)
                {
                    await SettleAsync();
                }
            }

            if (Mirror[side].IsUnmounted)
            {
                Mirror[side].IsUnmounted = false;
                if (_isOpen)
                {
                    // It stays away until it is brought back.
                    Mirror[side].Broken ??= new IOException("not mounted");
                }
            }
        }

        private bool _isOdd;

        /// <summary>Does what an operator does after a refusal: empties the side that does not have everything, and starts with a rebuild.</summary>
        private async Task SettleAsync()
        {
            // One that is being filled may have everything already, and cannot know it.
            int good = Mirror.Data.Mark is { Standing: not MirrorStanding.Stale } && await IsGoodAsync(0) ? 0 : 1;
            Mirror.Data.IsUnmounted = Mirror.Other.IsUnmounted = false;
            Mirror[1 - good].Replace();
            Mirror.Rebuild = true;
            Mirror.AcceptStale = new MirrorStale(Mirror[good].Mark!.Side, Mirror[good].Mark!.Epoch);
            Say($"rebuild from {good}");
            Task ended = Mirror.WhenAsync("filled");
            await Mirror.OpenAsync();
            await ended.WaitAsync(TimeSpan.FromMinutes(1));
            Mirror.Rebuild = false;
            Mirror.AcceptStale = null;
            _isOpen = true;
            _isOdd = false;
            _images[0].Clear();
            _images[1].Clear();
        }

        /// <summary>Makes of a side whatever an accident may make of it, if the other one has everything.</summary>
        private async Task<bool> ChangeAsync(int side)
        {
            // A side that may be the only one of the mirror to know that it went on is not touched: what it knows is what is to be kept.
            if (!await IsGoodAsync(1 - side) || Mirror[1 - side].Mark is not { Standing: not MirrorStanding.Stale } other)
            {
                return false;
            }

            TestSide at = Mirror[side];
            switch (_random.Next(5))
            {
                case 0:
                    Say($"{side} is empty");
                    at.Replace();
                    break;
                case 1 when _images[side].Count > 0:
                    Say($"{side} is rolled back");
                    await at.RestoreAsync(_images[side][_random.Next(_images[side].Count)]);
                    break;
                case 2 when at.Mark is { } mark:
                    Say($"{side} is of another mirror");
                    at.Put(mark with { Side = 77, Partner = 78 });
                    break;
                case 3:
                    Say($"{side} has no mark");
                    at.Put(null);
                    break;
                default:
                    return false;
            }

            _isOdd = true;
            return true;
        }

        /// <summary>Damages what one side has of a blob, if the other has it whole.</summary>
        private async Task DamageAsync(int side)
        {
            if (!await IsGoodAsync(1 - side) || !Mirror.IsWhole || _blobs.Count == 0)
            {
                return;
            }

            BlobId id = _blobs.Keys.ElementAt(_random.Next(_blobs.Count));
            byte[] bytes = Convert.FromHexString((await Mirror[side].AllBlobsAsync()).GetValueOrDefault(id, ""));
            byte[]? damaged = bytes;
            switch (_random.Next(5))
            {
                case 0:
                    damaged = null;
                    break;
                case 1 when bytes.Length > 9:
                    damaged = bytes[..^9];
                    break;
                case 2:
                    damaged = [.. bytes, 1];
                    break;
                case 3 when bytes.Length > 0:
                    bytes[_random.Next(bytes.Length)] ^= 4;
                    break;
                default:
                    Mirror[side].BadSectors.Add(id);
                    break;
            }

            Say($"damage {id} of {side}: {damaged?.Length ?? -1} of {bytes.Length}");
            await Mirror[side].SetAsync(id, damaged);
            await Mirror.ReadSealedAsync(id, _blobs[id].Length);

            // Before anything else happens to the other side: a loss may come sooner in life, and then the only copy is the damaged one.
            await ((IBlobRepair)Mirror.Mirror.Blobs).RepairAsync(id, default);
        }

        private async Task ReadAllAsync()
        {
            foreach ((string key, string? value) in _rows)
            {
                Assert.Equal((key, value), (key, await Mirror.GetAsync(key)));
            }

            foreach ((BlobId id, byte[] content) in _blobs)
            {
                byte[]? read = await Mirror.ReadSealedAsync(id, content.Length);
                Assert.True(read is not null && content.AsSpan().SequenceEqual(read), $"The blob {id} is not what was written.");
            }

            Checks++;
        }

        /// <summary>Whether a side has everything that was answered, whatever it says of itself.</summary>
        private async Task<bool> IsGoodAsync(int side)
        {
            foreach ((string key, string? value) in _rows)
            {
                byte[]? found = await Mirror[side].Rows.GetAsync(TestMirror.Bytes(key), default);
                if (!ByteStringComparer.Instance.Equals(found, value is null ? null : TestMirror.Bytes(value)))
                {
                    return false;
                }
            }

            Dictionary<BlobId, string> blobs = await Mirror[side].AllBlobsAsync();
            return Mirror[side].Mark is not null
                && _blobs.All(blob => !Mirror[side].BadSectors.Contains(blob.Key) && blobs.TryGetValue(blob.Key, out string? hex) && hex == Convert.ToHexString(TestMirror.Sealed(blob.Key, blob.Value)));
        }

        private static async Task AssertUnchangedAsync(TestImage before, TestSide side)
        {
            TestImage after = await side.ImageAsync();
            Assert.Equal(before.Mark, after.Mark);
            Assert.Equal(before.Rows.Select(static row => Convert.ToHexString(row.Key)), after.Rows.Select(static row => Convert.ToHexString(row.Key)));
            Assert.Equal(before.Blobs.OrderBy(static blob => blob.Value), after.Blobs.OrderBy(static blob => blob.Value));
        }

        private void Say(string what) => Log.Add(what);
    }
}
