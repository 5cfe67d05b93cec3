using Hospes.Sdk.Security;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Security.Acm.Resources;

/// <summary>Labels of resources and the objects they belong to. Any thread; one thing at a time.</summary>
internal sealed class ResourceLabels(ResourceFile file)
{
    private readonly Lock _lock = new();

    /// <summary>All, the newest first.</summary>
    public IReadOnlyList<ResourceEntry> All
    {
        get
        {
            lock (_lock)
                return file.Read();
        }
    }

    /// <summary>Whether the file of labels is there.</summary>
    public bool HasFile => file.Exists;

    /// <summary>
    /// The entry of a resource, found by its object first: a file that was moved has its label at its new place, and its entry follows it. Null: it has none.
    /// </summary>
    /// <param name="resource">Its name, as it was written.</param>
    /// <param name="handle">What was opened for it; null: it is opened to be looked at.</param>
    /// <exception cref="SecurityPolicyException">What is there is not what was labelled, or cannot be looked at.</exception>
    public ResourceEntry? Find(string resource, SafeFileHandle? handle = null)
    {
        (string name, string? path, string written) = ResourceName.Resolve(resource);
        lock (_lock)
        {
            List<ResourceEntry> entries = file.Read();
            int named = entries.FindIndex(entry => entry.Name == name);
            if (named < 0)
                named = entries.FindIndex(entry => entry.Name == written); // a link has taken the place of what was labelled
            SafeFileHandle? opened = handle is null && path is not null ? ObjectProbe.Open(path) : null;
            try
            {
                ObjectIdentity? identity = (handle ?? opened) is { } open ? ObjectProbe.Look(open) : null;
                if (identity is null)
                    return named >= 0 ? entries[named] : null;
                if (named >= 0)
                    return Named(entries, named, identity, open: (handle ?? opened)!);
                int moved = entries.FindIndex(entry => entry.Identity?.Is(identity) == true);
                return moved < 0 ? null : Moved(entries, moved, name);
            }
            finally
            {
                opened?.Dispose();
            }
        }
    }

    /// <summary>Gives a resource a label.</summary>
    /// <returns>The path of the file, if it had to be made; else null.</returns>
    public string? Add(string resource, SecurityLabel label)
    {
        (string name, string? path, _) = ResourceName.Resolve(resource);
        lock (_lock)
        {
            string? made = file.Exists ? null : file.LabelPath;
            List<ResourceEntry> entries = file.Read();
            if (entries.Exists(entry => entry.Name == name))
                throw new SecurityPolicyException("This resource is already labeled.");
            using SafeFileHandle? handle = path is null ? null : ObjectProbe.Open(path) ?? throw new SecurityPolicyException("Invalid resource.");
            ObjectIdentity? identity = handle is null ? null : ObjectProbe.Look(handle) ?? throw new SecurityPolicyException("Invalid resource.");
            if (identity is not null && entries.Find(entry => entry.Identity?.Is(identity) == true) is { } other)
                throw new SecurityPolicyException($"This resource is already labeled. (It is the same as {other.Name}.)");
            if (identity?.Device.Length > 0)
                identity = identity with { Mark = ObjectProbe.WriteMark(handle!) };
            entries.Insert(0, new ResourceEntry(name, label, identity));
            file.Write(entries);
            return made;
        }
    }

    /// <summary>Takes the label of a resource away.</summary>
    public void Remove(string resource)
    {
        (string name, string? path, _) = ResourceName.Resolve(resource);
        lock (_lock)
        {
            if (!file.Exists)
                throw new SecurityPolicyException("Resource file not found, cannot remove label!");
            List<ResourceEntry> entries = file.Read();
            using SafeFileHandle? handle = path is null ? null : ObjectProbe.Open(path);
            ObjectIdentity? identity = handle is null ? null : ObjectProbe.Look(handle);
            int index = entries.FindIndex(entry => entry.Name == name);
            if (index < 0 && identity is not null)
                index = entries.FindIndex(entry => entry.Identity?.Is(identity) == true);
            if (index < 0)
                throw new SecurityPolicyException("Resource not labeled");
            bool isIts = identity is not null && entries[index].Identity?.Is(identity) == true;
            entries.RemoveAt(index);
            file.Write(entries);
            if (isIts && identity!.Mark is not null)
                ObjectProbe.ClearMark(handle!);
        }
    }

    /// <summary>Marks labels that a new policy does not know any more, and those that it knows again.</summary>
    public void Review(string policy, Func<string, bool> isKnown)
    {
        lock (_lock)
        {
            if (!file.Exists)
                return;
            List<ResourceEntry> before = file.Read();
            List<ResourceEntry> after = [.. before.Select(entry => entry.Label.Policy != policy
                ? entry : entry with { Label = entry.Label with { Type = isKnown(entry.Label.Name) ? AcmPolicyType.Name : ResourceEntry.Invalid } })];
            if (!before.SequenceEqual(after))
                file.Write(after);
        }
    }

    private ResourceEntry Named(List<ResourceEntry> entries, int index, ObjectIdentity identity, SafeFileHandle open)
    {
        ResourceEntry entry = entries[index];
        if (entry.Identity is null)
        {
            // Somebody has written the entry by hand: the label is that of what is there now.
            entries[index] = entry with { Identity = identity.Device.Length > 0 ? identity with { Mark = ObjectProbe.WriteMark(open) } : identity };
            file.Write(entries);
            return entries[index];
        }

        return entry.Identity.Is(identity)
            ? entry
            : throw new SecurityPolicyException($"Resource '{entry.Name}' is not what was labeled '{entry.Label.Name}': something else has been put in its place. Label it anew: rmlabel, addlabel");
    }

    private ResourceEntry Moved(List<ResourceEntry> entries, int index, string name)
    {
        ResourceEntry entry = entries[index];
        (_, string? before, _) = ResourceName.Resolve(entry.Name);
        using SafeFileHandle? there = before is null ? null : ObjectProbe.Open(before);
        if (there is not null && ObjectProbe.Look(there) is { } still && entry.Identity!.Is(still))
            return entry; // a second name of the same file, or another driver for it
        entries[index] = entry with { Name = name };
        file.Write(entries);
        return entries[index];
    }
}
