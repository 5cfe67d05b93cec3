using System.Globalization;
using System.Text;
using System.Xml;
using Hospes.Sxp;

namespace Hospes.Xm.Configuration;

/// <summary>
/// A <c>(vm ...)</c> form as a document in the words of the Xen-API, which <c>xm create -x</c> shows: the domain with its memory, its kernel and its
/// devices, then the images of its disks. Only for reading: xend takes forms.
/// </summary>
/// <example>
/// <code>
/// &lt;xm&gt;
///   &lt;vm vcpus_max="1" vcpus_at_startup="1" actions_after_shutdown="destroy" ...&gt;
///     &lt;name&gt;&lt;label&gt;demo&lt;/label&gt;&lt;/name&gt;
///     &lt;memory static_min="0" static_max="134217728" dynamic_min="134217728" dynamic_max="134217728" /&gt;
///     &lt;pv kernel="/boot/vmlinuz" ramdisk="" args="root=/dev/xvda1 ro" bootloader="" bootloader_args="" /&gt;
///     &lt;vbd vdi="vdi0" device="xvda1" mode="RW" type="Disk" bootable="1" /&gt;
///   &lt;/vm&gt;
///   &lt;vdi name="vdi0" src="file:/images/demo" read_only="False" size="0" type="system" sharable="False" /&gt;
/// &lt;/xm&gt;
/// </code>
/// </example>
internal static class XmlForm
{
    private const long BytesPerMebibyte = 1 << 20;

    /// <summary>Writes the document, ending with a line feed.</summary>
    public static string Write(SxpList form)
    {
        StringBuilder text = new();
        using (XmlWriter xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("xm");
            xml.WriteStartElement("vm");
            WriteAttributes(xml, form);
            xml.WriteStartElement("name");
            xml.WriteElementString("label", form.ValueText("name") ?? "");
            xml.WriteEndElement();
            WriteMemory(xml, form);
            WriteImage(xml, form);
            SxpList[] devices = [.. form.Children("device").Where(static device => device.Count > 1).Select(static device => device[1]).OfType<SxpList>()];
            SxpList[] disks = [.. devices.Where(static device => device.Name is "vbd" or "tap")];
            for (int disk = 0; disk < disks.Length; disk++)
                WriteDisk(xml, disks[disk], disk);
            foreach (SxpList device in devices.Where(static device => device.Name is not ("vbd" or "tap")))
                WriteDevice(xml, device);
            xml.WriteEndElement();
            for (int disk = 0; disk < disks.Length; disk++)
                WriteImageOf(xml, disks[disk], disk);
            xml.WriteEndElement();
        }

        return $"{text}\n";
    }

    private static void WriteAttributes(XmlWriter xml, SxpList form)
    {
        string vcpus = form.ValueText("vcpus") ?? "1";
        string online = long.TryParse(form.ValueText("vcpu_avail"), out long mask)
            ? long.PopCount(mask).ToString(CultureInfo.InvariantCulture)
            : vcpus;
        Attributes(
            xml,
            ("is_a_template", "False"),
            ("auto_power_on", form.ValueText("on_xend_start") == "start" ? "True" : "False"),
            ("vcpus_max", vcpus),
            ("vcpus_at_startup", online),
            ("actions_after_shutdown", form.ValueText("on_poweroff") ?? "destroy"),
            ("actions_after_reboot", form.ValueText("on_reboot") ?? "restart"),
            ("actions_after_crash", form.ValueText("on_crash") ?? "restart"),
            ("PCI_bus", ""));
        if (form.ValueText("uuid") is { } uuid)
            xml.WriteAttributeString("uuid", uuid);
    }

    private static void WriteMemory(XmlWriter xml, SxpList form)
    {
        string memory = Bytes(form.ValueText("memory"));
        xml.WriteStartElement("memory");
        Attributes(
            xml, ("static_min", "0"), ("static_max", form.ValueText("maxmem") is { } most ? Bytes(most) : memory), ("dynamic_min", memory), ("dynamic_max", memory));
        xml.WriteEndElement();
    }

    private static void WriteImage(XmlWriter xml, SxpList form)
    {
        SxpList? image = form.Child("image") is { Count: > 1 } found ? found[1] as SxpList : null;
        string root = image?.ValueText("root") is { } device ? $"root={device} " : "";
        string ip = image?.ValueText("ip") is { } address ? $"ip={address} " : "";
        xml.WriteStartElement(image?.Name == "hvm" ? "hvm" : "pv");
        Attributes(
            xml,
            ("kernel", image?.ValueText("kernel") ?? ""),
            ("ramdisk", image?.ValueText("ramdisk") ?? ""),
            ("args", $"{root}{ip}{image?.ValueText("args")}".TrimEnd()),
            ("bootloader", form.ValueText("bootloader") ?? ""),
            ("bootloader_args", form.ValueText("bootloader_args") ?? ""));
        xml.WriteEndElement();
    }

    private static void WriteDisk(XmlWriter xml, SxpList disk, int number)
    {
        string[] device = (disk.ValueText("dev") ?? "").Split(':');
        xml.WriteStartElement("vbd");
        Attributes(
            xml,
            ("vdi", Image(number)),
            ("device", device[0]),
            ("mode", disk.ValueText("mode") == "r" ? "RO" : "RW"),
            ("type", device is [_, "cdrom"] ? "CD" : "Disk"),
            ("bootable", number == 0 ? "1" : "0"));
        xml.WriteEndElement();
    }

    private static void WriteImageOf(XmlWriter xml, SxpList disk, int number)
    {
        xml.WriteStartElement("vdi");
        Attributes(
            xml,
            ("name", Image(number)),
            ("src", disk.ValueText("uname") ?? ""),
            ("read_only", disk.ValueText("mode") == "r" ? "True" : "False"),
            ("size", "0"),
            ("type", "system"),
            ("sharable", disk.ValueText("mode") == "w!" ? "True" : "False"));
        xml.WriteEndElement();
    }

    // Other devices have the same words in both forms.
    private static void WriteDevice(XmlWriter xml, SxpList device)
    {
        xml.WriteStartElement(device.Name);
        foreach (SxpList pair in device.OfType<SxpList>().Where(static pair => pair.Count == 2 && pair[1] is SxpAtom))
            xml.WriteAttributeString(pair.Name, pair[1].Text);
        foreach (SxpList part in device.OfType<SxpList>().Where(static pair => pair.Count != 2 || pair[1] is not SxpAtom))
            WriteDevice(xml, part);
        xml.WriteEndElement();
    }

    private static string Image(int number) => string.Create(CultureInfo.InvariantCulture, $"vdi{number}");

    private static string Bytes(string? mebibytes) =>
        (long.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count * BytesPerMebibyte : 0).ToString(CultureInfo.InvariantCulture);

    private static void Attributes(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach ((string name, string value) in attributes)
            xml.WriteAttributeString(name, value);
    }
}
