using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;

namespace Tarn.Tests.Disks;

/// <summary>What counts as another file system, and what does not, by a mount table that the test writes.</summary>
public sealed class MountIdentityTests
{
    private static readonly (string Point, string Type, string Source, string Root) Top = ("/", "ext4", "/dev/vda1", "/");

    /// <summary>A mount of a kind at the root, and the same after a restart or another one.</summary>
    /// <remarks>Points: R is the disk's root, P the directory above it. UUIDs and numbers go with sources.</remarks>
    public static TheoryData<string, string, bool> Cases => new()
    {
        { "R ext4 /dev/sdb1 /", "R ext4 /dev/sdb1 /", true },
        { "R ext4 /dev/sdb1 /", "", false },
        { "R ext4 /dev/sdb1 / uuid=a", "R ext4 /dev/sdc1 / uuid=a", true },
        { "R ext4 /dev/sdb1 / uuid=a", "R ext4 /dev/sdb1 / uuid=b", false },
        { "R ext3 /dev/sdb1 / uuid=a", "R ext4 /dev/sdb1 / uuid=a", true },
        { "R xfs /dev/sdb1 / uuid=a", "R ext4 /dev/sdb1 / uuid=a", false },
        { "R ext4 /dev/sdb1 / number=5", "R ext4 /dev/sdc1 / number=5", true },
        { "R ext4 /dev/sdb1 / number=5", "R ext4 /dev/sdb1 / number=6", false },
        { "R ext4 /dev/sdb1 / uuid=a,number=5", "R ext4 /dev/sdc1 / number=5", true },
        { "R xfs /dev/sdb1 /", "R xfs /dev/sdc1 /", false },
        { "R xfs /dev/sdb1 / uuid=a", "R xfs /dev/sdb1 /", true },
        { "R tmpfs scratch /", "R tmpfs scratch /", true },
        { "R tmpfs scratch /", "R tmpfs other /", false },
        { "R nfs4 server:/export /", "R nfs4 server:/export /", true },
        { "R nfs server:/export /", "R nfs4 server:/export /sub", true },
        { "R nfs4 server:/export /", "R nfs4 server:/other /", false },
        { "R fuse.sshfs me@host:/data /", "R fuse.sshfs me@host:/data /", true },
        { "R fuse.sshfs me@host:/data /", "", false },
        { "R overlay overlay /", "R overlay overlay /", true },
        { "R overlay overlay /", "", false },

        // Bind mounts: which directory of which file system it is counts, not that it is mounted.
        { "R ext4 /dev/vda1 /data/a", "R ext4 /dev/vda1 /data/a", true },
        { "R ext4 /dev/vda1 /data/a", "R ext4 /dev/vda1 /data/b", false },
        { "R ext4 /dev/vda1 /data/a", "", false },
        { "R ext4 /dev/vda1 /data/a", "R ext4 /dev/vda1 /data/a//deleted", false },
        { "R ext4 /dev/sdb1 /srv/x", "P ext4 /dev/sdb1 /srv", false },

        // Subvolumes of one file system.
        { "R btrfs /dev/sdb1 /@data uuid=a", "R btrfs /dev/sdc1 /@data uuid=a", true },
        { "R btrfs /dev/sdb1 /@data uuid=a", "R btrfs /dev/sdb1 /@other uuid=a", false },

        // The directory above the root is what is mounted.
        { "P ext4 /dev/sdb1 / uuid=a", "P ext4 /dev/sdb1 / uuid=a", true },
        { "P ext4 /dev/sdb1 / uuid=a", "", false },
        { "P ext4 /dev/sdb1 / uuid=a", "P ext4 /dev/sdc1 / uuid=b", false },
        { "P ext4 /dev/sdb1 / uuid=a", "P ext4 /dev/sdb1 / uuid=a|R tmpfs none /", false },

        // One over the other: the upper one is what is there.
        { "R ext4 /dev/sdb1 / uuid=a|R tmpfs none /", "R tmpfs none /", true },
        { "R ext4 /dev/sdb1 / uuid=a|R tmpfs none /", "R ext4 /dev/sdb1 / uuid=a", false },
        { "R autofs /etc/auto /|R nfs4 server:/x /", "R autofs /etc/auto /|R nfs4 server:/x /", true },

        // The root file system is not compared: it cannot be unmounted, and on a restored machine it is another one.
        { "", "", true },
        { "", "/ ext4 /dev/other / uuid=z", true },
        { "", "R ext4 /dev/sdb1 / uuid=a", false },

        // Below the root.
        { "R/below tmpfs one /", "R/below tmpfs one /", true },
        { "R/below tmpfs one /", "", false },
        { "R/below tmpfs one /", "R/below tmpfs two /", false },
        { "R/below tmpfs one /", "R/below tmpfs one /|R/more tmpfs two /", true },
        { "R/below tmpfs one /|R/below/deep tmpfs two /", "R/below tmpfs one /", false },
        { "R/below/deep tmpfs two /", "R/below/deep tmpfs two /|R/below tmpfs one /", false },
        { "R/auto autofs map /|R/auto/home nfs4 server:/home /", "R/auto autofs map /", true },
        { "R/auto autofs map /|R/auto nfs4 server:/home /", "R/auto autofs map /", true },
        { "R/auto autofs map /|R/auto/home nfs4 server:/home /", "", false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_tree_is_known_again_by_what_outlives_restarts(string attached, string later, bool same)
    {
        var table = new FakeMountTable();
        using var fixture = new DiskFixture(mounts: table);
        await File.WriteAllTextAsync(Path.Combine(fixture.Tree, "file"), "x", DiskFixture.Token);
        Set(table, fixture, attached);
        Disk disk = await fixture.AttachAsync();
        Assert.Equal(["file"], await fixture.AllAsync(disk, new DiskQuery()));
        Set(table, fixture, later);

        // Another process, which has seen nothing yet, and this one.
        using var fresh = new DiskStore(fixture.Catalog, new DiskOptions(), TimeProvider.System);
        disk = (await fixture.Catalog.FindAsync(disk.Id, DiskFixture.Token))!;
        foreach (DiskStore store in new[] { fresh, fixture.Store })
        {
            Assert.Equal(same ? null : S3Error.ServiceUnavailable, await RefusalAsync(async () => await store.Lister.ListAsync(disk, "", new DiskQuery(), DiskFixture.Token)));
            Assert.Equal(same ? null : S3Error.ServiceUnavailable, await RefusalAsync(async () =>
            {
                await using DiskFile? file = await store.Reader.OpenAsync(disk, "file"u8.ToArray(), DiskFixture.Token);
                Assert.NotNull(file);
            }));
            Assert.Equal(same ? null : S3Error.ServiceUnavailable, await RefusalAsync(async () => await store.Reader.ThrowIfAbsentAsync(disk, DiskFixture.Token)));
        }

        Assert.Equal(same ? 0 : 1, fixture.Mounts.Count(told => told.Notice == MountNotice.NotServed));
        if (!same)
        {
            Assert.NotNull(await fixture.Store.AcceptMountsAsync(disk, DiskFixture.Token));
            disk = (await fixture.Catalog.FindAsync(disk.Id, DiskFixture.Token))!;
            Assert.Equal(["file"], await fixture.AllAsync(disk, new DiskQuery()));
        }
    }

    [Fact]
    public async Task A_disk_of_before_learns_at_first_sight_and_what_is_mounted_below_it_later_is_learnt_too()
    {
        var table = new FakeMountTable();
        using var fixture = new DiskFixture(mounts: table);
        Set(table, fixture, "R tmpfs one /");
        Disk disk = await fixture.AttachAsync();
        byte[] row = Core.Records.Tables.DiskKey(disk.Id.Value);
        byte[] old = (disk.Record with { Mounts = [] }).Encode();
        Assert.True(await fixture.KeyValue.CommitAsync(new Core.KeyValue.KeyValueBatch().Put(row, old), DiskFixture.Token));
        await CheckAsync();
        await CheckAsync();
        Assert.Equal([MountNotice.Learned], fixture.Mounts.Select(told => told.Notice));
        Set(table, fixture, "");
        Assert.Equal(S3Error.ServiceUnavailable, await RefusalAsync(CheckAsync));
        Assert.Equal(S3Error.ServiceUnavailable, await RefusalAsync(CheckAsync));
        Set(table, fixture, "R tmpfs one /|R/new tmpfs two /");
        await CheckAsync();
        await CheckAsync();
        Set(table, fixture, "R tmpfs one /");
        Assert.Equal(S3Error.ServiceUnavailable, await RefusalAsync(CheckAsync));
        Assert.Equal(
            [MountNotice.Learned, MountNotice.NotServed, MountNotice.ServedAgain, MountNotice.Learned, MountNotice.NotServed],
            fixture.Mounts.Select(told => told.Notice));
        Assert.Contains($"{fixture.Tree}/new was tmpfs from two", fixture.Mounts[^1].Text, StringComparison.Ordinal);

        async Task CheckAsync()
        {
            Disk now = (await fixture.Catalog.FindAsync(disk.Id, DiskFixture.Token))!;
            await fixture.Store.Reader.ThrowIfAbsentAsync(now, DiskFixture.Token);
        }
    }

    [Theory]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", "/mnt1", "/mnt2", "ext3", "/dev/root")]
    [InlineData("36 35 98:0 / /a\\040b\\011\\134 rw - tmpfs a\\040b rw", "/", "/a b\t\\", "tmpfs", "a b")]
    [InlineData("36 35 98:0 / /x rw shared:1 master:2 propagate_from:3 unbindable - fuse.x  rw", "/", "/x", "fuse.x", "")]
    public void A_line_of_the_table_is_read_as_the_kernel_writes_it(string line, string root, string point, string type, string source)
    {
        MountEntry entry = MountList.Parse("35 1 8:1 / / rw - ext4 /dev/sda rw\n" + line + "\n").Of(point)[0];
        Assert.Equal((root, point, type, source), (entry.Root, entry.Point, entry.Type, entry.Source));
    }

    [Fact]
    public void The_table_of_this_process_is_read_and_stays_the_same_while_nothing_is_mounted() =>
        Assert.NotEmpty(LinuxMountTable.Shared.Current().Of("/proc"));

    private static void Set(FakeMountTable table, DiskFixture fixture, string mounts)
    {
        var entries = new List<(string, string, string, string)>();
        foreach (string mount in mounts.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = mount.Split(' ');
            string point = fields[0][0] switch { 'R' => fixture.Tree + fields[0][1..], 'P' => fixture.Outside, _ => fields[0] };
            entries.Add((point, fields[1], fields[2], fields[3]));
            string[] ids = fields.Length > 4 ? fields[4].Split(',') : [];
            table.Name(
                fields[2],
                Array.Find(ids, id => id.StartsWith("uuid=", StringComparison.Ordinal))?[5..],
                Array.Find(ids, id => id.StartsWith("number=", StringComparison.Ordinal)) is { } number ? ulong.Parse(number[7..], System.Globalization.CultureInfo.InvariantCulture) : 0);
        }

        table.Set(entries is [("/", _, _, _)] ? [.. entries] : [Top, .. entries]);
    }

    private static async Task<S3Error?> RefusalAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (S3Exception e)
        {
            return e.Error;
        }
    }
}
