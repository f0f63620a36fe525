using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Files;

namespace Tarn.Tests.Disks;

/// <summary>The permissions of what is written: those of the directory that it is in, and nothing of the one that it was received in.</summary>
public sealed class NewModeTests
{
    private const string Access = "system.posix_acl_access", Default = "system.posix_acl_default";
    private const uint Nobody = 65534, Group = 4242;

    private static CancellationToken Token => DiskFixture.Token;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_has_nothing_of_the_roots_default_list_and_group(bool staged)
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Directory.CreateDirectory(disk.PathOf("private"));
        RawFiles.ChangeMode(disk.PathOf("private"), 0x1F8); // 0770
        string id = "";
        if (staged)
        {
            id = (await disk.Uploads.CreateAsync(disk.Disk, DiskFilePath.Parse("private/u"), false, null, null, Token)).Id;
        }

        // On what is there of them: a server that did not yet isolate it may have made it.
        string own = disk.PathOf($".tarn-uploads/{disk.Disk.Id}");
        foreach (string directory in staged ? new[] { disk.Tree, disk.PathOf(".tarn-uploads"), own } : [disk.Tree])
        {
            SetList(directory, Default, group: 5, mask: 7);
            using SafeFileHandle open = RawFiles.OpenDirectory(directory);
            Assert.SkipUnless(LinuxFiles.SetGroup(open, Group) == Errno.None, "Files cannot be given to a group here.");
            RawFiles.ChangeMode(directory, directory == disk.Tree ? 0x5FD : 0x5C0); // 02775, 02700
        }

        if (staged)
        {
            SetList(Path.Combine(own, id), Access, group: 0, mask: 0);
            await disk.AppendAsync(id, 0, [1]);
            await disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token);
            AssertPlain(disk.PathOf("private/u"), 0x1B0);
        }

        await disk.PutAsync("private/f", "x");
        AssertPlain(disk.PathOf("private/f"), 0x1B0); // 0660
        AssertPlain(disk.PathOf(".tarn-uploads"), 0x1C0);
        AssertPlain(own, 0x1C0);

        // In the root itself it has the root's group.
        await disk.PutAsync("f", "x");
        Assert.Equal((Group, 0x1B4), (Stat(disk.PathOf("f")).Group, Stat(disk.PathOf("f")).Permissions));
    }

    [Fact]
    public async Task The_mask_of_an_access_list_is_not_what_the_group_may_do()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Directory.CreateDirectory(disk.PathOf("d"));
        SetList(disk.PathOf("d"), Access, group: 0, mask: 7);
        Assert.Equal(0x1F8, Stat(disk.PathOf("d")).Permissions); // 0770
        await disk.PutAsync("d/f", "x");
        AssertPlain(disk.PathOf("d/f"), 0x180);
        SetList(disk.PathOf("d/f"), Access, group: 4, mask: 6);
        await disk.PutAsync("d/f", "y", replaces: true);
        AssertPlain(disk.PathOf("d/f"), 0x1E0); // 0740
        await disk.MakeAsync("d/e");
        AssertPlain(disk.PathOf("d/e"), 0x1C0);
    }

    [Fact]
    public async Task A_directory_that_inherits_a_list_has_its_mask()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Directory.CreateDirectory(disk.PathOf("d"));
        RawFiles.ChangeMode(disk.PathOf("d"), 0x1FF);
        SetList(disk.PathOf("d"), Default, group: 7, mask: 5);
        await disk.MakeAsync("d/a/b", parents: true);
        Assert.Equal((0x1E8, 0x1E8), (Stat(disk.PathOf("d/a")).Permissions, Stat(disk.PathOf("d/a/b")).Permissions)); // 0750
        Assert.NotEmpty(ListOf(disk.PathOf("d/a/b"), isDefault: true));
    }

    /// <summary>Sets a list that grants everything to another user.</summary>
    private static void SetList(string path, string attribute, int group, int mask)
    {
        byte[] list = new byte[4 + (5 * 8)];
        list[0] = 2;
        int at = 4;
        foreach ((int tag, int permissions, uint id) in new[] { (1, 7, uint.MaxValue), (2, 7, Nobody), (4, group, uint.MaxValue), (16, mask, uint.MaxValue), (32, 0, uint.MaxValue) })
        {
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(at + 2), (ushort)permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(at + 4), id);
            at += 8;
        }

        Assert.SkipUnless(RawFiles.TrySetAttribute(path, attribute, list), "The file system has no access control lists.");
    }

    private static void AssertPlain(string path, int permissions)
    {
        FileStat stat = Stat(path);
        Assert.Equal((permissions, LinuxFiles.CurrentGroup), (stat.Permissions, stat.Group));
        Assert.Empty(ListOf(path, isDefault: false));
        Assert.Empty(Directory.Exists(path) ? ListOf(path, isDefault: true) : []);
    }

    private static FileStat Stat(string path)
    {
        using SafeFileHandle file = RawFiles.OpenDirectory(path);
        Assert.Equal(0, LinuxFiles.Stat(file, out FileStat stat));
        return stat;
    }

    private static byte[] ListOf(string path, bool isDefault)
    {
        using SafeFileHandle file = RawFiles.OpenDirectory(path);
        Assert.Equal(0, LinuxFiles.ReadAccessList(file, isDefault, out byte[] list));
        return list;
    }
}
