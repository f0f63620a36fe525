using Microsoft.Win32.SafeHandles;

namespace Tarn.Tests.Disks;

/// <summary>
/// A tree of files as plain objects, which can be created on a real file system, and which computes, slowly and without system calls, what
/// a disk that shows it must list. Names are text of which each character is one byte.
/// </summary>
internal abstract record ModelNode
{
    public sealed record Regular(byte[] Content) : ModelNode;

    public sealed record Link(string Target) : ModelNode;

    public sealed record Pipe : ModelNode;

    public sealed record Folder : ModelNode
    {
        public SortedDictionary<string, ModelNode> Children { get; } = new(StringComparer.Ordinal);

        public ModelNode this[string name]
        {
            get => Children[name];
            set => Children[name] = value;
        }
    }
}

internal sealed class ModelTree
{
    private const int MaxLinks = 40;

    public ModelNode.Folder Root { get; } = new();

    public void Make(string path)
    {
        using SafeFileHandle root = RawFiles.OpenDirectory(path);
        Make(root, Root);
    }

    /// <summary>Every file that is shown, by its key, in the order of S3.</summary>
    public SortedDictionary<string, byte[]> Files(Func<string, bool> shown)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        Visit("", Root, [Root], shown, (key, file) => files[key] = file.Content, _ => { });
        return files;
    }

    /// <summary>Every directory that is shown, with a trailing slash.</summary>
    public SortedSet<string> Directories(Func<string, bool> shown)
    {
        var directories = new SortedSet<string>(StringComparer.Ordinal);
        Visit("", Root, [Root], shown, (_, _) => { }, key => directories.Add(key));
        return directories;
    }

    /// <summary>What a path leads to, as a kernel that takes the disk for the whole world would find; null for nothing.</summary>
    public ModelNode? Resolve(IReadOnlyList<ModelNode.Folder> above, string name)
    {
        int links = 0;
        return Follow([.. above], name, ref links);
    }

    private static void Make(SafeFileHandle directory, ModelNode.Folder folder)
    {
        foreach ((string name, ModelNode node) in folder.Children)
        {
            switch (node)
            {
                case ModelNode.Regular file:
                    RawFiles.WriteFile(directory, name, file.Content);
                    break;
                case ModelNode.Link link:
                    RawFiles.MakeLink(directory, name, link.Target);
                    break;
                case ModelNode.Pipe:
                    RawFiles.MakePipe(directory, name);
                    break;
                case ModelNode.Folder below:
                    RawFiles.MakeDirectory(directory, name);
                    using (SafeFileHandle opened = RawFiles.OpenDirectory(directory, name))
                    {
                        Make(opened, below);
                    }

                    break;
            }
        }
    }

    /// <param name="real">The folders from the root to this one as <c>..</c> would go: those of the tree itself.</param>
    private void Visit(
        string prefix, ModelNode.Folder folder, List<ModelNode.Folder> real, Func<string, bool> shown,
        Action<string, ModelNode.Regular> file, Action<string> directory, List<ModelNode.Folder>? entered = null)
    {
        entered ??= [Root];
        foreach ((string name, ModelNode node) in folder.Children)
        {
            if (!shown(name))
            {
                continue;
            }

            List<ModelNode.Folder> stack = [.. real];
            int links = 0;
            switch (Follow(stack, name, ref links))
            {
                case ModelNode.Regular found:
                    file(prefix + name, found);
                    break;
                case ModelNode.Folder below when node is ModelNode.Folder || !entered.Exists(e => ReferenceEquals(e, below)):
                    directory(prefix + name + "/");
                    Visit(prefix + name + "/", below, stack, shown, file, directory, [.. entered, below]);
                    break;
            }
        }
    }

    /// <summary>Steps from the last folder of the stack by one name, following links; the stack ends as the folders down to what was found.</summary>
    private ModelNode? Follow(List<ModelNode.Folder> stack, string name, ref int links)
    {
        if (name is "" or ".")
        {
            return stack[^1];
        }

        if (name == "..")
        {
            if (stack.Count > 1)
            {
                stack.RemoveAt(stack.Count - 1);
            }

            return stack[^1];
        }

        if (!stack[^1].Children.TryGetValue(name, out ModelNode? node))
        {
            return null;
        }

        if (node is ModelNode.Folder folder)
        {
            stack.Add(folder);
            return folder;
        }

        if (node is not ModelNode.Link link)
        {
            return node;
        }

        if (++links > MaxLinks)
        {
            return null;
        }

        if (link.Target.StartsWith('/'))
        {
            stack.RemoveRange(1, stack.Count - 1);
        }

        ModelNode? found = stack[^1];
        string[] steps = link.Target.Split('/');
        for (int i = 0; i < steps.Length; i++)
        {
            if (found is not ModelNode.Folder)
            {
                return null;
            }

            found = Follow(stack, steps[i], ref links);
        }

        return found;
    }
}
