//! SSIMULACRA2 of many image pairs in one process.
//!
//! Standard input is a sequence of images: kind (one byte, `R` reference or `C` candidate), width and height (u32,
//! little-endian), then width * height * 3 bytes of interleaved 8-bit sRGB. Every candidate is compared with the last
//! reference, and its score is written as one line.

use std::error::Error;
use std::io::{self, BufReader, Read, Write};

use ssimulacra2::{
    compute_frame_ssimulacra2, ColorPrimaries, LinearRgb, Rgb, TransferCharacteristic,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = BufReader::with_capacity(1 << 20, io::stdin().lock());
    let mut output = io::stdout().lock();
    let mut reference: Option<LinearRgb> = None;
    let mut header = [0u8; 9];
    while read_header(&mut input, &mut header)? {
        let width = u32::from_le_bytes(header[1..5].try_into()?) as usize;
        let height = u32::from_le_bytes(header[5..9].try_into()?) as usize;
        let image = read_image(&mut input, width, height)?;
        match header[0] {
            b'R' => reference = Some(image),
            b'C' => {
                let reference = reference.clone().ok_or("a candidate came before its reference")?;
                writeln!(output, "{}", compute_frame_ssimulacra2(reference, image)?)?;
                output.flush()?;
            }
            other => return Err(format!("unknown kind of image: {other}").into()),
        }
    }
    Ok(())
}

/// False at the end of the input; an input that ends inside a header is an error.
fn read_header(input: &mut impl Read, header: &mut [u8; 9]) -> io::Result<bool> {
    if input.read(&mut header[..1])? == 0 {
        return Ok(false);
    }
    input.read_exact(&mut header[1..])?;
    Ok(true)
}

fn read_image(
    input: &mut impl Read,
    width: usize,
    height: usize,
) -> Result<LinearRgb, Box<dyn Error>> {
    let mut bytes = vec![0u8; width * height * 3];
    input.read_exact(&mut bytes)?;
    let pixels = bytes
        .chunks_exact(3)
        .map(|p| [p[0], p[1], p[2]].map(|v| f32::from(v) / 255.0))
        .collect();
    let rgb = Rgb::new(
        pixels,
        width,
        height,
        TransferCharacteristic::SRGB,
        ColorPrimaries::BT709,
    )?;
    Ok(LinearRgb::try_from(rgb)?)
}
