using System.Security.Cryptography;
using Hospes.Host.Networks;
using Hospes.Linux.Networking.Links;
using Hospes.Sdk.Networking;
using Hospes.Sxp;

namespace Hospes.Host.Devices.Network;

/// <summary>What a form <c>(vif ...)</c> says (fact sheet "Domain configuration", section 4.2).</summary>
internal sealed record VifSpecification
{
    private static readonly string[] Keys =
        ["type", "mac", "bridge", "ip", "script", "backend", "vifname", "rate", "model", "accel", "policy", "label", "security_label", "uuid", "handle"];

    /// <summary>The guest's address on the wire.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The bridge, or null: as the script chooses.</summary>
    public string? Bridge { get; init; }

    /// <summary>Addresses that the guest may use.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>The script, or null: the appliance's.</summary>
    public ScriptLine? Script { get; init; }

    /// <summary>The dom0 end's name, or null: vifDOMID.N.</summary>
    public string? Name { get; init; }

    /// <summary>How much the guest may transmit.</summary>
    public required VifRate Rate { get; init; }

    /// <summary>Completes a form: an address on the wire and an identity are chosen where none are given.</summary>
    public static SxpList Complete(SxpList form)
    {
        SxpList whole = form;
        if (string.IsNullOrEmpty(form.ValueText("mac")))
            whole = Without(whole, "mac").With(new SxpList("mac", RandomMac().ToString()));
        return string.IsNullOrEmpty(form.ValueText("uuid")) ? Without(whole, "uuid").With(new SxpList("uuid", Guid.NewGuid().ToString())) : whole;
    }

    /// <summary>Reads a complete form.</summary>
    /// <exception cref="XendException">It cannot be an interface.</exception>
    public static VifSpecification Read(SxpList form)
    {
        foreach (SxpList pair in form.OfType<SxpList>())
        {
            if (!Keys.Contains(pair.Name, StringComparer.Ordinal))
                throw Invalid($"unknown key '{pair.Name}'; there is {string.Join(", ", Keys)}");
        }

        if (Text(form, "type") is { } type && type is not ("netfront" or "paravirtualised"))
            throw Invalid(type == "ioemu" ? "type=ioemu is an emulated card, which only HVM guests have" : $"unknown type '{type}'; there is netfront and, for HVM guests, ioemu");
        if (Text(form, "backend") is { } backend && backend is not ("0" or "Domain-0"))
            throw Invalid($"interfaces are served by Domain-0 in this version, not by domain '{backend}'");
        if (Text(form, "vifname") is { } name && !LinkTable.IsName(name))
            throw Invalid($"vifname '{name}' cannot name an interface: 1 to {LinkTable.LongestName} letters, digits, dots, hyphens and underscores, and this has {name.Length} characters");
        if (Text(form, "bridge") is { } bridge && !LinkTable.IsName(bridge))
            throw Invalid($"bridge '{bridge}' cannot name an interface: 1 to {LinkTable.LongestName} letters, digits, dots, hyphens and underscores, and this has {bridge.Length} characters");
        return new VifSpecification
        {
            Mac = ReadMac(Text(form, "mac")!),
            Bridge = Text(form, "bridge"),
            Addresses = ReadAddresses(Text(form, "ip")),
            Script = Text(form, "script") is { } script ? ScriptLine.Parse(script) : null,
            Name = Text(form, "vifname"),
            Rate = VifRate.Parse(Text(form, "rate")),
        };
    }

    private static string? Text(SxpList form, string key) => form.ValueText(key) is { Length: > 0 } text ? text : null;

    private static SxpList Without(SxpList form, string key) => new([.. form.Where(node => node is not SxpList list || list.Name != key)]);

    private static MacAddress ReadMac(string text)
    {
        if (!MacAddress.TryParse(text, out MacAddress mac))
            throw Invalid($"mac '{text}' is not of the form 00:16:3e:1a:2b:3c");
        if (mac.IsMulticast)
            throw Invalid($"mac '{text}' is a multicast address: the first pair of digits must be even");
        return mac.IsZero ? throw Invalid($"mac '{text}' is no interface's address") : mac;
    }

    private static List<InterfaceAddress> ReadAddresses(string? text)
    {
        List<InterfaceAddress> addresses = [];
        foreach (string word in (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!InterfaceAddress.TryParse(word, out InterfaceAddress address))
                throw Invalid($"ip '{word}' is neither an address nor ADDRESS/PREFIX");
            addresses.Add(address);
        }

        return addresses;
    }

    // 00:16:3e is Xen's; within it the upper half is left to addresses that people give out by hand.
    private static MacAddress RandomMac()
    {
        Span<byte> octets = stackalloc byte[MacAddress.Length];
        RandomNumberGenerator.Fill(octets);
        octets[0] = 0x00;
        octets[1] = 0x16;
        octets[2] = 0x3e;
        octets[3] &= 0x7f;
        return MacAddress.From(octets);
    }

    private static XendException Invalid(string what) => XendException.Generic($"Invalid vif: {what}");
}
