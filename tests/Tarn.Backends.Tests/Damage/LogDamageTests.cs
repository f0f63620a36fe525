using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>
/// Damage to RocksDB's log: no acknowledged write is lost silently, and an incomplete last write that was never acknowledged
/// does not prevent a start.
/// </summary>
public sealed class LogDamageTests
{
    private const int Rows = 24;

    [Fact]
    public async Task No_flipped_bit_loses_what_was_synced()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        long length = new FileInfo(image.Log).Length;
        int refused = 0;

        // Every byte of the first header and of what follows it, and then steps that hit headers, batches and the ends of blocks.
        IEnumerable<long> places = Enumerable.Range(0, 24).Select(i => (long)i)
            .Concat(Enumerable.Range(0, 60).Select(i => i * (length / 60)))
            .Concat([(32 << 10) - 1, 32 << 10, (32 << 10) + 6, (64 << 10) + 4, length - 2, length - 1]);
        foreach (long at in places)
        {
            refused += await OpenAsync(image, log => Flip(log, at)) == -1 ? 1 : 0;
        }

        Assert.InRange(refused, 80, 90);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(int.MaxValue)]
    public async Task A_log_without_its_end_is_refused(int bytes)
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        Assert.Equal(-1, await OpenAsync(image, log => SetLength(log, Math.Max(0, new FileInfo(log).Length - bytes))));
        Assert.Equal(-1, await OpenAsync(image, log => Zero(log, bytes)));
        Assert.Equal(-1, await OpenAsync(image, File.Delete));
    }

    [Fact]
    public async Task Only_the_last_write_may_be_torn_when_it_is_not_known_to_be_synced()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows, beforeLast: true);
        Assert.Equal(Rows, await OpenAsync(image, _ => { }));
        foreach (int bytes in (int[])[1, 30, 40])
        {
            Assert.Equal(Rows - 1, await OpenAsync(image, log => SetLength(log, new FileInfo(log).Length - bytes), "incomplete write"));
            Assert.Equal(Rows - 1, await OpenAsync(image, log => Zero(log, bytes), "incomplete write"));
            Assert.Equal(Rows - 1, await OpenAsync(image, log => Flip(log, new FileInfo(log).Length - bytes), "incomplete write"));
        }

        Assert.Equal(-1, await OpenAsync(image, log => SetLength(log, new FileInfo(log).Length - 1000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(70_000)]
    public async Task What_was_being_written_when_it_ended_is_left_out(int bytes)
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        byte[] random = new byte[bytes];
        new Random(bytes).NextBytes(random);
        Assert.Equal(Rows, await OpenAsync(image, log => Append(log, random), "incomplete write"));
        Assert.Equal(Rows, await OpenAsync(image, log => Append(log, new byte[bytes]), "incomplete write"));

        // A write longer than a block, of which the device has the middle only, or the first bytes.
        byte[] whole = File.ReadAllBytes(image.Log);
        using CrashImage more = await CrashImage.CreateAsync(Rows + 4);
        byte[] next = File.ReadAllBytes(more.Log)[whole.Length..];
        Assert.Equal(Rows, await OpenAsync(image, log => Append(log, [0, 0, 0, .. next[3..Math.Min(next.Length, 40_000)]]), "incomplete write"));
        Assert.Equal(Rows, await OpenAsync(image, log => Append(log, next[..30]), "incomplete write"));
    }

    [Fact]
    public async Task Without_a_record_of_what_was_synced_whole_writes_behind_the_damage_tell()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        File.Delete(Path.Combine(image.Root, "SYNCED"));
        long length = new FileInfo(image.Log).Length;
        Assert.Equal(Rows, await OpenAsync(image, _ => { }));
        Assert.Equal(Rows - 1, await OpenAsync(image, log => Flip(log, length - 1), "incomplete write"));
        Assert.Equal(-1, await OpenAsync(image, log => Flip(log, 20)));
        Assert.Equal(-1, await OpenAsync(image, log => Flip(log, length / 2)));
        Assert.Equal(-1, await OpenAsync(image, log => Flip(log, length - 500)));

        // In the length of the first header: the next that can be found is at the next block.
        Assert.Equal(-1, await OpenAsync(image, log => Flip(log, 4)));
    }

    [Fact]
    public async Task A_damaged_record_of_what_was_synced_is_as_none()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        Flip(Path.Combine(image.Root, "SYNCED"), 9);
        Assert.Equal(Rows, await OpenAsync(image, _ => { }));
        Assert.Equal(-1, await OpenAsync(image, log => Flip(log, 20)));
    }

    [Fact]
    public async Task Relaxed_durability_only_says_what_is_lost()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows, sync: false);
        foreach (bool sync in (bool[])[false, true])
        {
            Assert.InRange(await OpenAsync(image, log => Flip(log, 30_000), "Lost", sync), 1, Rows - 1);
            Assert.Equal(0, await OpenAsync(image, log => Flip(log, 8), "Lost", sync));
            Assert.Equal(Rows - 1, await OpenAsync(image, log => SetLength(log, new FileInfo(log).Length - 3), "incomplete write", sync));
        }
    }

    [Fact]
    public async Task What_relaxed_durability_had_in_tables_is_missed()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        using TemporaryDirectory damaged = image.Clone();
        await (await RocksDbKeyValueStoreAsync(damaged.FullPath, sync: false)).DisposeAsync();
        File.WriteAllText(Path.Combine(damaged.FullPath, "CURRENT"), "MANIFEST-000001\n");
        Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions { SyncWrites = false }));
    }

    [Fact]
    public async Task An_accepted_loss_is_accepted_once_and_no_other_is()
    {
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        using TemporaryDirectory damaged = image.Clone();
        Flip(Path.Combine(damaged.FullPath, Path.GetFileName(image.Log)), 50_000);
        string message = Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions())).Message;
        ulong kept = ulong.Parse(message[(message.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"{Rows - (int)kept} changes of rows, from number {kept + 1} to {Rows}", message, StringComparison.Ordinal);
        Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions { AcceptLossAfter = kept - 1 }));
        List<string> notices = [];
        List<string> losing = [];
        Assert.Throws<IOException>(() => RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions { AcceptLossAfter = kept, Losing = _ => throw new IOException("No space") }));
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions { AcceptLossAfter = kept, Notice = notices.Add, Losing = losing.Add }))
        {
            Assert.Contains($"from number {kept + 1} to {Rows}", Assert.Single(losing), StringComparison.Ordinal);
            Assert.Equal((int)kept, await CrashImage.CountAsync(store));
            Assert.Contains("as accepted", Assert.Single(notices), StringComparison.Ordinal);
        }

        await using RocksDbKeyValueStore again = RocksDbKeyValueStore.Open(damaged.FullPath, new RocksDbOptions { Notice = notices.Add });
        Assert.Equal((int)kept, await CrashImage.CountAsync(again));
        Assert.Single(notices);
    }

    [Fact]
    public async Task Damage_to_a_log_before_the_last_is_refused()
    {
        using TemporaryDirectory live = new();
        using TemporaryDirectory image = new();
        string old;
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(live.FullPath, new RocksDbOptions { WriteBufferBytes = 64 << 10 }))
        {
            // What the manifest says now, with the log as it will be: a crash before the full table of recent writes was flushed.
            old = Path.GetFileName(Directory.GetFiles(live.FullPath, "*.log").Single());
            foreach (string file in Directory.GetFiles(live.FullPath).Select(Path.GetFileName).OfType<string>().Where(name => name != old && name != "SYNCED"))
            {
                File.Copy(Path.Combine(live.FullPath, file), Path.Combine(image.FullPath, file));
            }

            using (FileStream held = File.OpenRead(Path.Combine(live.FullPath, old)))
            {
                for (int i = 0; i < 400 && Directory.GetFiles(live.FullPath, "*.log").All(path => Path.GetFileName(path) == old); i++)
                {
                    await store.CommitAsync(new KeyValueBatch().Put(CrashImage.Key(i), new byte[1000]), CancellationToken.None);
                }

                using FileStream copy = File.Create(Path.Combine(image.FullPath, old));
                held.CopyTo(copy);
            }

            foreach (string path in Directory.GetFiles(live.FullPath, "*.log").Append(Path.Combine(live.FullPath, "SYNCED")).Where(path => Path.GetFileName(path) != old))
            {
                File.Copy(path, Path.Combine(image.FullPath, Path.GetFileName(path)));
            }
        }

        Assert.Equal(2, Directory.GetFiles(image.FullPath, "*.log").Length);
        string log = Path.Combine(image.FullPath, old);
        foreach (bool known in (bool[])[true, false])
        {
            if (!known)
            {
                File.Delete(Path.Combine(image.FullPath, "SYNCED"));
            }

            foreach (long at in (long[])[10, 20_000, new FileInfo(log).Length - 1])
            {
                Flip(log, at);
                string[] before = CrashImage.Contents(image.FullPath);
                Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(image.FullPath, new RocksDbOptions()));
                Assert.Equal(before, CrashImage.Contents(image.FullPath));
                Flip(log, at);
            }
        }

        // Without it RocksDB would keep the rows of the later log.
        byte[] whole = File.ReadAllBytes(log);
        File.Delete(log);
        string message = Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(image.FullPath, new RocksDbOptions())).Message;
        Assert.Contains("is missing", message, StringComparison.Ordinal);
        Assert.EndsWith("--accept-log-loss 0", message, StringComparison.Ordinal);
        List<string> notices = [];
        using (TemporaryDirectory copy = new())
        {
            foreach (string file in Directory.GetFiles(image.FullPath))
            {
                File.Copy(file, Path.Combine(copy.FullPath, Path.GetFileName(file)));
            }

            await RocksDbKeyValueStore.Open(copy.FullPath, new RocksDbOptions { AcceptLossAfter = 0, Notice = notices.Add }).DisposeAsync();
            Assert.Contains("as accepted", Assert.Single(notices), StringComparison.Ordinal);
            await (await RocksDbKeyValueStoreAsync(copy.FullPath, sync: true)).DisposeAsync();
        }

        File.WriteAllBytes(log, whole);
        await (await RocksDbKeyValueStoreAsync(image.FullPath, sync: true)).DisposeAsync();
    }

    [Fact]
    public async Task A_log_that_is_in_tables_already_counts_no_more()
    {
        // RocksDB removes it later: a crash may leave it, and it may be damaged.
        using CrashImage image = await CrashImage.CreateAsync(Rows);
        using TemporaryDirectory opened = image.Clone();
        await (await RocksDbKeyValueStoreAsync(opened.FullPath, sync: true)).DisposeAsync();
        string log = Path.Combine(opened.FullPath, Path.GetFileName(image.Log));
        Assert.False(File.Exists(log));
        File.Copy(image.Log, log);
        Flip(log, 20_000);
        List<string> notices = [];
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(opened.FullPath, new RocksDbOptions { Notice = notices.Add });
        Assert.Equal(Rows, await CrashImage.CountAsync(store));
        Assert.Empty(notices);
    }

    private static ValueTask<RocksDbKeyValueStore> RocksDbKeyValueStoreAsync(string path, bool sync) =>
        new(RocksDbKeyValueStore.Open(path, new RocksDbOptions { SyncWrites = sync }));

    /// <summary>Damages a copy and opens it; returns how many rows are left, or -1 if it is refused and unchanged.</summary>
    private static async Task<int> OpenAsync(CrashImage image, Action<string> damage, string? notice = null, bool sync = true)
    {
        using TemporaryDirectory damaged = image.Clone();
        damage(Path.Combine(damaged.FullPath, Path.GetFileName(image.Log)));
        string[] before = CrashImage.Contents(damaged.FullPath);
        List<string> notices = [];
        try
        {
            await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(
                damaged.FullPath, new RocksDbOptions { SyncWrites = sync, Notice = notices.Add });
            int rows = await CrashImage.CountAsync(store);
            Assert.True(notice is null ? rows == image.Rows && notices.Count == 0 : Assert.Single(notices).Contains(notice, StringComparison.Ordinal), string.Join(" ", notices) + rows);
            return rows;
        }
        catch (StoreDamagedException)
        {
            Assert.Equal(before, CrashImage.Contents(damaged.FullPath));
            return -1;
        }
    }

    private static void Flip(string path, long at)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private static void Zero(string path, int bytes)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        int length = (int)Math.Min(bytes, file.Length);
        file.Position = file.Length - length;
        file.Write(new byte[length]);
    }

    private static void Append(string path, byte[] bytes)
    {
        using FileStream file = new(path, FileMode.Append, FileAccess.Write);
        file.Write(bytes);
    }

    private static void SetLength(string path, long length)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
    }
}
